//! Sessions: their rows, the read that every call with an access token makes, and their ends.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{EndSession, EndSessions, SessionEnded, StoreResult};
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::names::Label;
use countersign_domain::role::Account;
use countersign_domain::session::{EndReason, Session};
use countersign_domain::time::Timestamp;
use countersign_store_rows::{role_columns, role_tables, session, session_columns, user_columns};
use countersign_token::Audience;

use crate::accounts::{first_with_account, lock_statement};
use crate::audit;
use crate::cells::Cells;
use crate::connection::{Answer, Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;

macro_rules! session_sql {
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
            " WHERE ",
            $condition
        )
    };
}

/// The statement that reads a session and its account.
pub(crate) fn session_statement(id: SessionId) -> Statement {
    sql!(session_sql!("s.id = $1"), id)
}

/// What [`session_statement`] found.
pub(crate) fn session_in(answer: &Answer) -> StoreResult<Option<(Session, Account)>> {
    first_with_account(&answer.rows, session)
}

/// See [`countersign_app::ports::Store::session`].
pub(crate) async fn session_with_account(
    lease: &mut Lease,
    id: SessionId,
) -> Result<Option<(Session, Account)>, Fault> {
    Ok(session_in(&lease.run(session_statement(id)).await?)?)
}

/// The statement that reads a session of a user and its account, by primary keys.
pub(crate) fn session_of_statement(user_id: UserId, id: SessionId) -> Statement {
    sql!(session_sql!("s.id = $1 AND s.user_id = $2"), id, user_id)
}

/// See [`countersign_app::ports::Store::session_of`].
pub(crate) async fn session_of(
    lease: &mut Lease,
    user_id: UserId,
    id: SessionId,
) -> Result<Option<(Session, Account)>, Fault> {
    let answer = lease.run(session_of_statement(user_id, id)).await?;
    Ok(session_in(&answer)?)
}

/// The statement of [`live`].
pub(crate) fn live_statement(user_id: UserId, now: Timestamp) -> Statement {
    sql!(
        concat!(
            "SELECT ",
            session_columns!(),
            " FROM sessions s
             WHERE s.user_id = $1 AND s.ended_at IS NULL
                 AND s.idle_expires_at > $2 AND s.expires_at > $2
             ORDER BY s.created_at DESC, s.id DESC"
        ),
        user_id,
        now
    )
}

/// See [`countersign_app::ports::Store::live_sessions`].
pub(crate) async fn live(
    lease: &mut Lease,
    user_id: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, Fault> {
    let answer = lease.run(live_statement(user_id, now)).await?;
    let rows = answer.rows.iter();
    Ok(rows
        .map(|row| session(&mut Cells::of(row)))
        .collect::<StoreResult<_>>()?)
}

macro_rules! insert_session {
    () => {
        "INSERT INTO sessions (id, user_id, device, address, asked_scopes, audience, amr, \
         authenticated_at, created_at, last_seen_at, idle_expires_at, expires_at, ended_at, \
         end_reason, generation, current_hash, previous_hash, nonce, rotated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
         $18, $19)"
    };
}

/// The statement that writes a new session.
pub(crate) fn insert(session: &Session) -> StoreResult<Statement> {
    write(insert_session!(), session)
}

/// The same, where it may be there already.
pub(crate) fn put(session: &Session) -> StoreResult<Statement> {
    write(
        concat!(
            insert_session!(),
            " ON CONFLICT (id) DO UPDATE SET user_id = EXCLUDED.user_id,
             device = EXCLUDED.device, address = EXCLUDED.address,
             asked_scopes = EXCLUDED.asked_scopes, audience = EXCLUDED.audience,
             amr = EXCLUDED.amr, authenticated_at = EXCLUDED.authenticated_at,
             created_at = EXCLUDED.created_at, last_seen_at = EXCLUDED.last_seen_at,
             idle_expires_at = EXCLUDED.idle_expires_at, expires_at = EXCLUDED.expires_at,
             ended_at = EXCLUDED.ended_at, end_reason = EXCLUDED.end_reason,
             generation = EXCLUDED.generation, current_hash = EXCLUDED.current_hash,
             previous_hash = EXCLUDED.previous_hash, nonce = EXCLUDED.nonce,
             rotated_at = EXCLUDED.rotated_at"
        ),
        session,
    )
}

fn write(text: &'static str, session: &Session) -> StoreResult<Statement> {
    let amr = serde_json::to_string(&session.amr)
        .map_err(|_| StoreError::Corrupt("the methods of a login can't be written".to_owned()))?;
    Ok(sql!(
        text,
        session.id,
        session.user_id,
        session.device.as_ref().map(Label::as_str),
        session.address.map(|address| address.to_string()),
        session.asked_scopes.as_ref().map(ToString::to_string),
        session.audience.as_ref().map(Audience::as_str),
        amr,
        session.authenticated_at,
        session.created_at,
        session.last_seen_at,
        session.idle_expires_at,
        session.expires_at,
        session.ended.map(|ended| ended.at),
        session.ended.map(|ended| ended.reason.as_str()),
        session.refresh.generation,
        &session.refresh.current,
        session.refresh.previous.as_ref(),
        &session.refresh.nonce,
        session.refresh.rotated_at,
    ))
}

/// See [`countersign_app::ports::Store::end_session`]. One statement: the event is written if the
/// session was live.
pub(crate) async fn end_one(lease: &mut Lease, intent: &EndSession) -> Result<SessionEnded, Fault> {
    let event = audit::Line::of(&intent.event)?;
    let answer = lease
        .run(sql!(
            "WITH ended AS (
                 UPDATE sessions SET ended_at = $3, end_reason = $4
                 WHERE id = $1 AND user_id = $2 AND ended_at IS NULL
                 RETURNING idle_expires_at > $3 AND expires_at > $3 AS was_live)
             INSERT INTO audit_events (id, at, actor, actor_id, action, user_id, session_id,
                 address, request_id, detail)
             SELECT $5::uuid, $6::bigint, $7::text, $8::uuid, $9::text, $10::uuid, $11::uuid,
                 $12::text, $13::text, $14::text FROM ended WHERE was_live",
            intent.session_id,
            intent.user_id,
            intent.now,
            intent.reason.as_str(),
            *intent.event.id.as_uuid(),
            intent.event.at,
            event.actor,
            event.actor_id,
            intent.event.action.as_str(),
            intent.event.user_id,
            intent.event.session_id,
            event.address,
            intent.event.request_id.as_deref(),
            event.detail,
        ))
        .await?;
    Ok(if answer.changed == 0 {
        SessionEnded::NotFound
    } else {
        SessionEnded::Ended
    })
}

/// See [`countersign_app::ports::Store::end_sessions`].
pub(crate) async fn end_several(lease: &mut Lease, intent: &EndSessions) -> Result<u64, Fault> {
    let EndSessions {
        user_id,
        keep,
        reason,
        now,
        event,
    } = intent;
    let answers = lease
        .begin(vec![
            lock_statement(*user_id),
            end_all(*user_id, *keep, *reason, *now),
        ])
        .await?;
    let ended = live_ended(answers.last())?;
    let line = (ended > 0).then(|| audit::insert(event)).transpose()?;
    lease.commit(line.into_iter().collect()).await?;
    Ok(ended)
}

/// The statement that ends all sessions of a user but the one to keep, and counts those that were
/// live. What has run out is ended, too: by the clock of another instance, or of a call that
/// waited, it may live, and must not be refreshed any more. The user is locked before, so that no
/// two changes end the same sessions in different orders.
pub(crate) fn end_all(
    user_id: UserId,
    keep: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> Statement {
    sql!(
        "WITH ended AS (
             UPDATE sessions SET ended_at = $3, end_reason = $4
             WHERE user_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $2
             RETURNING idle_expires_at > $3 AND expires_at > $3 AS was_live)
         SELECT count(*) FROM ended WHERE was_live",
        user_id,
        keep,
        now,
        reason.as_str(),
    )
}

/// How many live sessions [`end_all`] ended.
pub(crate) fn live_ended(answer: Option<&Answer>) -> StoreResult<u64> {
    match answer.and_then(|answer| answer.rows.first()) {
        Some(row) => Cells::of(row).number(),
        None => Ok(0),
    }
}
