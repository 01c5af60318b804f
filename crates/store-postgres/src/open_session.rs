//! Opening a session: the gate, the proof, the limit, in one change, while the user is locked.

use countersign_app::ports::store::{OpenSession, SessionOpened};
use countersign_domain::gate::may_issue;
use countersign_domain::session::{EndReason, Session};

use crate::accounts::{lock_statement, login_record_in, login_record_statement};
use crate::connection::{Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::{audit, sessions, users};

/// See [`countersign_app::ports::Store::open_session`]. The present moment is the session's
/// beginning.
pub(crate) async fn open(lease: &mut Lease, intent: &OpenSession) -> Result<SessionOpened, Fault> {
    let session = &intent.session;
    let answers = lease
        .begin(vec![
            lock_statement(session.user_id),
            login_record_statement(session.user_id),
        ])
        .await?;
    let record = answers.last().map(login_record_in).transpose()?.flatten();
    let Some(record) = record else {
        lease.roll_back().await?;
        return Ok(SessionOpened::Stale);
    };
    let account = record.account;
    if let Err(refusal) = may_issue(&account.user, Some(session), session.created_at) {
        lease.roll_back().await?;
        return Ok(SessionOpened::Refused(refusal));
    }
    if intent.proved.is_some() && intent.proved != record.password {
        lease.roll_back().await?;
        return Ok(SessionOpened::Stale);
    }
    // The first, whose count is the answer.
    let mut changes = vec![displace(session, intent.max_sessions)];
    if let Some(rehash) = &intent.rehash {
        changes.push(users::set_password(session.user_id, rehash));
    }
    changes.push(sessions::insert(session)?);
    changes.push(audit::insert(&intent.event)?);
    let answers = lease.commit(changes).await?;
    let displaced = answers.first().map_or(0, |answer| answer.changed);
    Ok(SessionOpened::Opened { account, displaced })
}

/// Ends the sessions longest unused, so that one more makes `max_sessions` at most.
pub(crate) fn displace(new: &Session, max_sessions: u32) -> Statement {
    sql!(
        "UPDATE sessions SET ended_at = $2, end_reason = $3
         WHERE id IN (
                 SELECT id FROM sessions
                 WHERE user_id = $1 AND ended_at IS NULL
                     AND idle_expires_at > $2 AND expires_at > $2
                 ORDER BY last_seen_at DESC, id DESC
                 OFFSET $4)
             AND ended_at IS NULL",
        new.user_id,
        new.created_at,
        EndReason::Displaced.as_str(),
        max_sessions.saturating_sub(1),
    )
}
