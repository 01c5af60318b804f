//! Looking once more, inside a change, at whose word it is made on. The one writer makes the order
//! between this and whatever takes the word away.

use countersign_app::ports::store::StoreResult;
use countersign_domain::access::Proof;
use countersign_domain::standing::{By, Lost};
use countersign_domain::time::Timestamp;
use rusqlite::Connection;

use crate::{personal_tokens, sessions};

/// What the caller lost, if they did.
pub(crate) fn lost(connection: &Connection, by: &By, now: Timestamp) -> StoreResult<Option<Lost>> {
    let By::Caller(standing) = by else {
        return Ok(None);
    };
    let judged = match standing.proof {
        Proof::Session(id) => {
            let found = sessions::session_with_account(connection, id)?;
            standing.judge_session(found.as_ref(), now)
        }
        Proof::PersonalToken(id) => {
            let found = personal_tokens::token_with_account(connection, id)?;
            standing.judge_token(found.as_ref(), now)
        }
    };
    Ok(judged.err())
}
