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
use mysql_async::Row;

use crate::accounts::first_with_account;
use crate::audit::{self, marking};
use crate::cells::Cells;
use crate::error::Fault;
use crate::link::{Answers, Link};
use crate::sql::{Literal, Sql};

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

/// The query for a session and its account: by primary keys.
pub(crate) fn session_with_account_sql(id: SessionId) -> Sql {
    Sql::new(session_with_account_sql!(" WHERE s.id = ?"), [id.into()])
}

/// Its answer.
pub(crate) fn session_with_account_in(
    answers: &mut Answers,
) -> Result<Option<(Session, Account)>, Fault> {
    Ok(first_with_account(&answers.rows()?, session)?)
}

/// See [`countersign_app::ports::Store::session`].
pub(crate) async fn session_with_account(
    link: &mut Link<'_>,
    id: SessionId,
) -> Result<Option<(Session, Account)>, Fault> {
    session_with_account_in(&mut link.read(session_with_account_sql(id)).await?)
}

/// See [`countersign_app::ports::Store::session_of`].
pub(crate) async fn session_of(
    link: &mut Link<'_>,
    user_id: UserId,
    id: SessionId,
) -> Result<Option<(Session, Account)>, Fault> {
    let sql = Sql::new(
        session_with_account_sql!(" WHERE s.id = ? AND s.user_id = ?"),
        [id.into(), user_id.into()],
    );
    session_with_account_in(&mut link.read(sql).await?)
}

/// See [`countersign_app::ports::Store::live_sessions`].
pub(crate) async fn live(
    link: &mut Link<'_>,
    user_id: UserId,
    now: Timestamp,
) -> Result<Vec<Session>, Fault> {
    let sql = Sql::new(
        concat!(
            "SELECT ",
            session_columns!(),
            " FROM sessions s
             WHERE s.user_id = ? AND s.ended_at IS NULL
                 AND s.idle_expires_at > ? AND s.expires_at > ?
             ORDER BY s.created_at DESC, s.id DESC"
        ),
        [user_id.into(), now.into(), now.into()],
    );
    let rows = link.read(sql).await?.rows()?;
    Ok(rows.iter().map(one).collect::<StoreResult<_>>()?)
}

/// Reads a row that holds a session and nothing else.
pub(crate) fn one(row: &Row) -> StoreResult<Session> {
    session(&mut Cells::of(row))
}

macro_rules! into_sql {
    ($verb:literal) => {
        concat!(
            $verb,
            " INTO sessions (id, user_id, device, address, asked_scopes, audience, amr,
                 authenticated_at, created_at, last_seen_at, idle_expires_at, expires_at,
                 ended_at, end_reason, generation, current_hash, previous_hash, nonce, rotated_at)
             VALUES "
        )
    };
}

/// Writes a new session.
pub(crate) fn insert_sql(session: &Session) -> StoreResult<Sql> {
    several(into_sql!("INSERT"), std::slice::from_ref(session))
}

/// Writes sessions in place of those with their ids, if there are any.
pub(crate) fn put_sql(sessions: &[Session]) -> StoreResult<Sql> {
    several(into_sql!("REPLACE"), sessions)
}

fn several(text: &'static str, sessions: &[Session]) -> StoreResult<Sql> {
    let mut sql = Sql::default();
    for session in sessions {
        sql.add(if sql.is_empty() { text } else { ", " }, []);
        sql.add(
            "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values(session)?,
        );
    }
    Ok(sql)
}

fn values(session: &Session) -> StoreResult<[Literal; 19]> {
    let amr = serde_json::to_string(&session.amr)
        .map_err(|_| StoreError::Corrupt("the methods of a login can't be written".to_owned()))?;
    let refresh = &session.refresh;
    Ok([
        session.id.into(),
        session.user_id.into(),
        session.device.as_ref().map(Label::as_str).into(),
        session.address.map(|address| address.to_string()).into(),
        session
            .asked_scopes
            .as_ref()
            .map(ToString::to_string)
            .into(),
        session.audience.as_ref().map(Audience::as_str).into(),
        amr.into(),
        session.authenticated_at.into(),
        session.created_at.into(),
        session.last_seen_at.into(),
        session.idle_expires_at.into(),
        session.expires_at.into(),
        session.ended.map(|ended| ended.at).into(),
        session.ended.map(|ended| ended.reason.as_str()).into(),
        refresh.generation.into(),
        refresh.current.into(),
        refresh.previous.into(),
        (&refresh.nonce).into(),
        refresh.rotated_at.into(),
    ])
}

/// See [`countersign_app::ports::Store::end_session`].
pub(crate) async fn end_one(
    link: &mut Link<'_>,
    intent: &EndSession,
) -> Result<SessionEnded, Fault> {
    let which = Sql::new(
        "id = ? AND user_id = ?",
        [intent.session_id.into(), intent.user_id.into()],
    );
    let sql = end_sql(&which, intent.reason, intent.now)
        .and(audit::insert_if_changed_sql(&intent.event)?);
    let ended = ended_in(&mut link.marked_transaction(sql).await?)?;
    Ok(if ended == 0 {
        SessionEnded::NotFound
    } else {
        SessionEnded::Ended
    })
}

/// See [`countersign_app::ports::Store::end_sessions`].
pub(crate) async fn end_several(link: &mut Link<'_>, intent: &EndSessions) -> Result<u64, Fault> {
    let sql = end_all_sql(intent.user_id, intent.keep, intent.reason, intent.now)
        .and(audit::insert_if_changed_sql(&intent.event)?);
    ended_in(&mut link.marked_transaction(sql).await?)
}

/// Ends all sessions of a user but the one to keep.
pub(crate) fn end_all_sql(
    user_id: UserId,
    keep: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> Sql {
    let which = Sql::new("user_id = ?", [user_id.into()]);
    let which = match keep {
        Some(id) => which.push(" AND id <> ?", [id.into()]),
        None => which,
    };
    end_sql(&which, reason, now)
}

/// Ends sessions: those that are live by `now` count and leave a mark; those that have run out are
/// ended, too, since by the clock of another instance they may live. All are held first, or one could
/// be refreshed by such a clock in between, and end without being counted.
fn end_sql(which: &Sql, reason: EndReason, now: Timestamp) -> Sql {
    let end = || [now.into(), reason.as_str().into()];
    let now = || [now.into(), now.into()];
    Sql::new("SELECT count(*) FROM sessions WHERE ", [])
        .and_on(which)
        .push(" AND ended_at IS NULL FOR UPDATE", [])
        .then(
            concat!(
                "UPDATE sessions SET ended_at = IF(",
                marking!(),
                ", ?, NULL), end_reason = ? WHERE "
            ),
            end(),
        )
        .and_on(which)
        .push(
            " AND ended_at IS NULL AND idle_expires_at > ? AND expires_at > ?",
            now(),
        )
        .then(
            "UPDATE sessions SET ended_at = ?, end_reason = ? WHERE ",
            end(),
        )
        .and_on(which)
        .push(
            " AND ended_at IS NULL AND (idle_expires_at <= ? OR expires_at <= ?)",
            now(),
        )
}

/// How many live ones that ended.
pub(crate) fn ended_in(answers: &mut Answers) -> Result<u64, Fault> {
    answers.skip();
    answers.changed()
}
