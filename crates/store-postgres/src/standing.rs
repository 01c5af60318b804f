//! Looking once more, inside a change, at whose word it is made on. The caller and what they proved
//! themselves with are held until the end of the change, so that whatever takes the word away comes
//! before it, and is seen here, or after it.

use countersign_domain::access::Proof;
use countersign_domain::standing::{By, Lost};
use countersign_domain::time::Timestamp;
use countersign_store_rows::personal_token;

use crate::accounts::first_with_account;
use crate::connection::sql;
use crate::error::Fault;
use crate::personal_tokens::token_statement;
use crate::pool::Lease;
use crate::sessions::{session_in, session_statement};

/// What the caller lost, if they did. Goes on in an open transaction, behind the locks of the change
/// itself; costs nothing for an operator.
pub(crate) async fn lost(
    lease: &mut Lease,
    by: &By,
    now: Timestamp,
) -> Result<Option<Lost>, Fault> {
    let By::Caller(standing) = by else {
        return Ok(None);
    };
    let user = sql!(
        "SELECT 1 FROM users WHERE id = $1 FOR SHARE",
        standing.user_id
    );
    let judged = match standing.proof {
        Proof::Session(id) => {
            let lock = sql!("SELECT 1 FROM sessions WHERE id = $1 FOR SHARE", id);
            let answers = lease.go_on(vec![user, lock, session_statement(id)]).await?;
            let found = answers.last().map(session_in).transpose()?.flatten();
            standing.judge_session(found.as_ref(), now)
        }
        Proof::PersonalToken(id) => {
            let lock = sql!("SELECT 1 FROM personal_tokens WHERE id = $1 FOR SHARE", id);
            let answers = lease.go_on(vec![user, lock, token_statement(id)]).await?;
            let rows = answers.last().map(|answer| answer.rows.as_slice());
            let found = first_with_account(rows.unwrap_or_default(), personal_token)?;
            standing.judge_token(found.as_ref(), now)
        }
    };
    Ok(judged.err())
}
