//! Sessions: their rows, the read that every call with an access token makes, and their ends.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{EndSession, EndSessions, SessionEnded, StoreResult};
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::names::Label;
use countersign_domain::opaque::TokenHash;
use countersign_domain::role::Account;
use countersign_domain::session::{EndReason, Session};
use countersign_domain::time::Timestamp;
use countersign_store_rows::{role_columns, role_tables, session, session_columns, user_columns};
use countersign_token::Audience;
use rusqlite::{Connection, params};

use crate::accounts::first_with_account;
use crate::audit;
use crate::cells::Cells;
use crate::error::OrStoreError;

macro_rules! session_with_account_sql {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            session_columns!(),
            ", ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM sessions s JOIN users u ON u.id = s.user_id ",
            role_tables!(),
            $condition
        )
    };
}

/// See [`countersign_app::ports::Store::session`]: one statement, by primary keys.
pub(crate) fn session_with_account(
    connection: &Connection,
    id: SessionId,
) -> StoreResult<Option<(Session, Account)>> {
    let sql = session_with_account_sql!(" WHERE s.id = ?1");
    first_with_account(connection, sql, params![id.as_uuid()], session)
}

/// See [`countersign_app::ports::Store::session_of`]. The plus keeps to the primary key: the index
/// by user has nothing to add.
pub(crate) fn session_of_user(
    connection: &Connection,
    user_id: UserId,
    id: SessionId,
) -> StoreResult<Option<(Session, Account)>> {
    let sql = session_with_account_sql!(" WHERE s.id = ?1 AND +s.user_id = ?2");
    let params = params![id.as_uuid(), user_id.as_uuid()];
    first_with_account(connection, sql, params, session)
}

/// See [`countersign_app::ports::Store::live_sessions`].
pub(crate) fn live(
    connection: &Connection,
    user_id: UserId,
    now: Timestamp,
) -> StoreResult<Vec<Session>> {
    let mut statement = connection
        .prepare_cached(concat!(
            "SELECT ",
            session_columns!(),
            " FROM sessions s
             WHERE s.user_id = ?1 AND s.ended_at IS NULL
                 AND s.idle_expires_at > ?2 AND s.expires_at > ?2
             ORDER BY s.created_at DESC, s.id DESC"
        ))
        .or_store_error()?;
    let mut rows = statement
        .query(params![user_id.as_uuid(), now.as_millis()])
        .or_store_error()?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next().or_store_error()? {
        sessions.push(session(&mut Cells::of(row))?);
    }
    Ok(sessions)
}

macro_rules! write_sql {
    ($verb:literal) => {
        concat!(
            $verb,
            " INTO sessions (id, user_id, device, address, asked_scopes, audience, amr,
                 authenticated_at, created_at, last_seen_at, idle_expires_at, expires_at,
                 ended_at, end_reason, generation, current_hash, previous_hash, nonce, rotated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18, ?19)"
        )
    };
}

/// Writes a new session.
pub(crate) fn insert(connection: &Connection, session: &Session) -> StoreResult<()> {
    write(connection, write_sql!("INSERT"), session)
}

/// Writes a session in place of the one with its id, if there is one.
pub(crate) fn put(connection: &Connection, session: &Session) -> StoreResult<()> {
    write(connection, write_sql!("INSERT OR REPLACE"), session)
}

fn write(connection: &Connection, sql: &'static str, session: &Session) -> StoreResult<()> {
    let amr = serde_json::to_string(&session.amr)
        .map_err(|_| StoreError::Corrupt("the methods of a login can't be written".to_owned()))?;
    connection
        .prepare_cached(sql)
        .or_store_error()?
        .execute(params![
            session.id.as_uuid(),
            session.user_id.as_uuid(),
            session.device.as_ref().map(Label::as_str),
            session.address.map(|address| address.to_string()),
            session.asked_scopes.as_ref().map(ToString::to_string),
            session.audience.as_ref().map(Audience::as_str),
            amr,
            session.authenticated_at.as_millis(),
            session.created_at.as_millis(),
            session.last_seen_at.as_millis(),
            session.idle_expires_at.as_millis(),
            session.expires_at.as_millis(),
            session.ended.map(|ended| ended.at.as_millis()),
            session.ended.map(|ended| ended.reason.as_str()),
            session.refresh.generation,
            session.refresh.current.as_bytes(),
            session.refresh.previous.as_ref().map(TokenHash::as_bytes),
            session.refresh.nonce,
            session.refresh.rotated_at.as_millis(),
        ])
        .or_store_error()?;
    Ok(())
}

/// See [`countersign_app::ports::Store::end_session`].
pub(crate) fn end_one(connection: &Connection, intent: &EndSession) -> StoreResult<SessionEnded> {
    let ended = connection
        .prepare_cached(
            "UPDATE sessions SET ended_at = ?3, end_reason = ?4
             WHERE id = ?1 AND user_id = ?2 AND ended_at IS NULL
                 AND idle_expires_at > ?3 AND expires_at > ?3",
        )
        .or_store_error()?
        .execute(params![
            intent.session_id.as_uuid(),
            intent.user_id.as_uuid(),
            intent.now.as_millis(),
            intent.reason.as_str(),
        ])
        .or_store_error()?;
    if ended == 0 {
        end_run_out(
            connection,
            intent.user_id,
            Some(intent.session_id),
            None,
            intent.reason,
            intent.now,
        )?;
        return Ok(SessionEnded::NotFound);
    }
    audit::insert(connection, &intent.event)?;
    Ok(SessionEnded::Ended)
}

/// See [`countersign_app::ports::Store::end_sessions`].
pub(crate) fn end_several(connection: &Connection, intent: &EndSessions) -> StoreResult<u64> {
    let EndSessions {
        user_id,
        keep,
        reason,
        now,
        event,
    } = intent;
    let ended = end_all(connection, *user_id, *keep, *reason, *now)?;
    if ended > 0 {
        audit::insert(connection, event)?;
    }
    Ok(ended)
}

/// Ends all sessions of a user but the one to keep; tells how many of them were live.
pub(crate) fn end_all(
    connection: &Connection,
    user_id: UserId,
    keep: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> StoreResult<u64> {
    let ended = connection
        .prepare_cached(
            "UPDATE sessions SET ended_at = ?3, end_reason = ?4
             WHERE user_id = ?1 AND ended_at IS NULL AND id IS NOT ?2
                 AND idle_expires_at > ?3 AND expires_at > ?3",
        )
        .or_store_error()?
        .execute(params![
            user_id.as_uuid(),
            keep.as_ref().map(SessionId::as_uuid),
            now.as_millis(),
            reason.as_str(),
        ])
        .or_store_error()?;
    end_run_out(connection, user_id, None, keep, reason, now)?;
    Ok(u64::try_from(ended).unwrap_or(u64::MAX))
}

/// Ends what has run out by now: by the clock of another instance, or of a call that waited, it may
/// live, and must not be refreshed any more. `only` it, or all but the one to `keep`.
fn end_run_out(
    connection: &Connection,
    user_id: UserId,
    only: Option<SessionId>,
    keep: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> StoreResult<()> {
    connection
        .prepare_cached(
            "UPDATE sessions SET ended_at = ?4, end_reason = ?5
             WHERE user_id = ?1 AND ended_at IS NULL AND id IS NOT ?3
                 AND (?2 IS NULL OR id = ?2)",
        )
        .or_store_error()?
        .execute(params![
            user_id.as_uuid(),
            only.as_ref().map(SessionId::as_uuid),
            keep.as_ref().map(SessionId::as_uuid),
            now.as_millis(),
            reason.as_str(),
        ])
        .or_store_error()?;
    Ok(())
}
