//! Opening a session: the gate, the proof, the limit, in one change. Who opens a session holds the
//! row of its user, so that of several logins each sees the sessions of those before.

use countersign_app::ports::store::{OpenSession, SessionOpened};
use countersign_domain::gate::may_issue;
use countersign_domain::session::{EndReason, Session};

use crate::accounts::{lock_sql, login_record_in, login_record_sql};
use crate::error::Fault;
use crate::link::Link;
use crate::sql::Sql;
use crate::{audit, sessions, users};

/// See [`countersign_app::ports::Store::open_session`]. The present moment is the session's
/// beginning.
pub(crate) async fn open(
    link: &mut Link<'_>,
    intent: &OpenSession,
) -> Result<SessionOpened, Fault> {
    let session = &intent.session;
    let sql = lock_sql(session.user_id).and(login_record_sql(session.user_id));
    let mut answers = link.begin(sql).await?;
    answers.skip();
    let Some(record) = login_record_in(&mut answers)? else {
        return Ok(SessionOpened::Stale);
    };
    let account = record.account;
    if let Err(refusal) = may_issue(&account.user, Some(session), session.created_at) {
        return Ok(SessionOpened::Refused(refusal));
    }
    if intent.proved.is_some() && intent.proved != record.password {
        return Ok(SessionOpened::Stale);
    }
    let mut sql = displace_sql(session, intent.max_sessions)
        .and(sessions::insert_sql(session)?)
        .and(audit::insert_sql(&intent.event)?);
    if let Some(rehash) = &intent.rehash {
        sql = sql.and(users::set_password_sql(session.user_id, rehash));
    }
    let displaced = link.commit(sql).await?.changed()?;
    Ok(SessionOpened::Opened { account, displaced })
}

/// Ends the sessions longest unused, so that one more makes `max_sessions` at most. A table can't be
/// changed by what is read of it, unless that is put by as a table of its own first.
fn displace_sql(new: &Session, max_sessions: u32) -> Sql {
    let now = new.created_at;
    Sql::new(
        "UPDATE sessions s JOIN (
             SELECT id FROM sessions
             WHERE user_id = ? AND ended_at IS NULL AND idle_expires_at > ? AND expires_at > ?
             ORDER BY last_seen_at DESC, id DESC
             LIMIT 18446744073709551615 OFFSET ?) surplus ON surplus.id = s.id
         SET s.ended_at = ?, s.end_reason = ?",
        [
            new.user_id.into(),
            now.into(),
            now.into(),
            max_sessions.saturating_sub(1).into(),
            now.into(),
            EndReason::Displaced.as_str().into(),
        ],
    )
}
