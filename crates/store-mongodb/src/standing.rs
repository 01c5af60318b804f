//! Looking once more, inside a change, at whose word it is made on. What the word rests on is touched
//! by the change, so that whatever takes it away meanwhile is rolled back and comes after it, or this
//! is, and sees it.

use countersign_domain::access::Proof;
use countersign_domain::standing::{By, Lost};
use countersign_domain::time::Timestamp;
use mongodb::bson::doc;

use crate::accounts::{USERS, joined_account};
use crate::change::Tx;
use crate::error::Fault;
use crate::fields::Fields;
use crate::personal_tokens::{self, TOKENS};
use crate::sessions::{self, SESSIONS};
use crate::values::id;
use crate::writes::Writes;

/// What the caller lost, if they did. Costs nothing for an operator.
pub(crate) async fn lost(tx: &mut Tx<'_>, by: &By, now: Timestamp) -> Result<Option<Lost>, Fault> {
    let By::Caller(standing) = by else {
        return Ok(None);
    };
    let judged = match standing.proof {
        Proof::Session(session) => {
            let filter = doc! {"_id": id(session.as_uuid())};
            let found = tx.first(SESSIONS, sessions::and_account(filter)).await?;
            let found = found.as_ref().map(sessions::with_account).transpose()?;
            standing.judge_session(found.as_ref(), now)
        }
        Proof::PersonalToken(token) => {
            let filter = doc! {"_id": id(token.as_uuid())};
            let found = tx.first(TOKENS, sessions::and_account(filter)).await?;
            let found = match &found {
                None => None,
                Some(found) => Some((
                    personal_tokens::token(Fields::of(found))?,
                    joined_account(found)?,
                )),
            };
            standing.judge_token(found.as_ref(), now)
        }
    };
    Ok(judged.err())
}

/// Makes a change lean on the caller's word.
pub(crate) fn hold(writes: &mut Writes, by: &By) {
    let By::Caller(standing) = by else {
        return;
    };
    writes.touch(USERS, doc! {"_id": id(standing.user_id.as_uuid())});
    match standing.proof {
        Proof::Session(session) => writes.touch(SESSIONS, doc! {"_id": id(session.as_uuid())}),
        Proof::PersonalToken(token) => writes.touch(TOKENS, doc! {"_id": id(token.as_uuid())}),
    };
}
