//! Opening a session: the gate, the proof, the limit, in one change.

use countersign_app::ports::store::{OpenSession, SessionOpened, StoreResult};
use countersign_domain::gate::may_issue;
use countersign_domain::session::{EndReason, Session};
use rusqlite::{Connection, params};

use crate::accounts::login_record_by_id;
use crate::error::OrStoreError;
use crate::{audit, sessions, users};

/// See [`countersign_app::ports::Store::open_session`]. The present moment is the session's
/// beginning.
pub(crate) fn open(connection: &Connection, intent: &OpenSession) -> StoreResult<SessionOpened> {
    let session = &intent.session;
    let Some(record) = login_record_by_id(connection, session.user_id)? else {
        return Ok(SessionOpened::Stale);
    };
    let account = record.account;
    if let Err(refusal) = may_issue(&account.user, Some(session), session.created_at) {
        return Ok(SessionOpened::Refused(refusal));
    }
    if intent.proved.is_some() && intent.proved != record.password {
        return Ok(SessionOpened::Stale);
    }
    if let Some(rehash) = &intent.rehash {
        users::set_password(connection, session.user_id, rehash)?;
    }
    let displaced = displace(connection, session, intent.max_sessions)?;
    sessions::insert(connection, session)?;
    audit::insert(connection, &intent.event)?;
    Ok(SessionOpened::Opened { account, displaced })
}

/// Ends the sessions longest unused, so that one more makes `max_sessions` at most.
fn displace(connection: &Connection, new: &Session, max_sessions: u32) -> StoreResult<u64> {
    let displaced = connection
        .prepare_cached(
            "UPDATE sessions SET ended_at = ?2, end_reason = ?3
             WHERE id IN (
                 SELECT id FROM sessions
                 WHERE user_id = ?1 AND ended_at IS NULL
                     AND idle_expires_at > ?2 AND expires_at > ?2
                 ORDER BY last_seen_at DESC, id DESC
                 LIMIT -1 OFFSET ?4)",
        )
        .or_store_error()?
        .execute(params![
            new.user_id.as_uuid(),
            new.created_at.as_millis(),
            EndReason::Displaced.as_str(),
            max_sessions.saturating_sub(1),
        ])
        .or_store_error()?;
    Ok(u64::try_from(displaced).unwrap_or(u64::MAX))
}
