//! Looking once more, inside a change, at whose word it is made on. The caller and what they proved
//! themselves with are held until the end of the change, so that whatever takes the word away comes
//! before it, and is seen here, or after it.

use countersign_domain::access::Proof;
use countersign_domain::standing::{By, Lost};
use countersign_domain::time::Timestamp;

use crate::error::Fault;
use crate::link::Link;
use crate::personal_tokens::{token_with_account_in, token_with_account_sql};
use crate::sessions::{session_with_account_in, session_with_account_sql};
use crate::sql::Sql;

/// What the caller lost, if they did. Goes on in an open transaction, behind the locks of the change
/// itself; costs nothing for an operator.
pub(crate) async fn lost(
    link: &mut Link<'_>,
    by: &By,
    now: Timestamp,
) -> Result<Option<Lost>, Fault> {
    let By::Caller(standing) = by else {
        return Ok(None);
    };
    let user = Sql::new(
        "SELECT id FROM users WHERE id = ? LOCK IN SHARE MODE",
        [standing.user_id.into()],
    );
    let judged = match standing.proof {
        Proof::Session(id) => {
            let sql = user
                .then(
                    "SELECT id FROM sessions WHERE id = ? LOCK IN SHARE MODE",
                    [id.into()],
                )
                .and(session_with_account_sql(id));
            let mut answers = link.go_on(sql).await?;
            answers.skip();
            answers.skip();
            standing.judge_session(session_with_account_in(&mut answers)?.as_ref(), now)
        }
        Proof::PersonalToken(id) => {
            let sql = user
                .then(
                    "SELECT id FROM personal_tokens WHERE id = ? LOCK IN SHARE MODE",
                    [id.into()],
                )
                .and(token_with_account_sql(id));
            let mut answers = link.go_on(sql).await?;
            answers.skip();
            answers.skip();
            standing.judge_token(token_with_account_in(&mut answers)?.as_ref(), now)
        }
    };
    Ok(judged.err())
}
