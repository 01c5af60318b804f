//! Spending a refresh token. Where all is as hoped, one guarded statement does the whole change, and
//! travels with its event and with the read of the result in one text. It changes nothing if
//! anything is otherwise, and then the rules of the domain are asked.

use countersign_app::ports::store::{RotateRefresh, Rotated, StoreResult};
use countersign_domain::refresh::{Judgement, judge};
use countersign_domain::role::Account;
use countersign_domain::session::{EndReason, Session};
use countersign_domain::user::UserState;

use crate::audit;
use crate::error::Fault;
use crate::link::Link;
use crate::sessions::{session_with_account_in, session_with_account_sql};
use crate::sql::Sql;

/// See [`countersign_app::ports::Store::rotate`].
pub(crate) async fn rotate(link: &mut Link<'_>, intent: &RotateRefresh) -> Result<Rotated, Fault> {
    let id = intent.session_id;
    if intent.presented.generation < u32::MAX {
        let sql = guarded_sql(intent)
            .and(audit::insert_if_rotated_sql(
                &intent.event,
                id,
                intent.successor,
            )?)
            .and(session_with_account_sql(id));
        let mut answers = link.transaction(sql).await?;
        let rotated = answers.changed()?;
        answers.skip();
        let found = session_with_account_in(&mut answers)?;
        if rotated > 0 {
            return match found {
                Some((session, account)) => Ok(Rotated::Rotated(session, account)),
                // Not while the row is held.
                None => Ok(Rotated::Unknown),
            };
        }
        let Some((session, account)) = found else {
            return Ok(Rotated::Unknown);
        };
        // What changes nothing can be told from what was read just now.
        if let Some(answer) = unchanging(&judged(intent, &session, &account), session, account) {
            return Ok(answer);
        }
    }
    slowly(link, intent).await
}

/// The rotation, if the token is the current one and the gate is open: as [`judge`] has it.
fn guarded_sql(intent: &RotateRefresh) -> Sql {
    let RotateRefresh {
        session_id,
        presented,
        successor,
        nonce,
        now,
        idle_expires_at,
        ..
    } = intent;
    let now = *now;
    Sql::new(
        "UPDATE sessions SET generation = ?, current_hash = ?, previous_hash = ?, nonce = ?,
             rotated_at = ?, last_seen_at = ?, idle_expires_at = ?
         WHERE id = ? AND generation = ? AND current_hash = ? AND ended_at IS NULL
             AND idle_expires_at > ? AND expires_at > ?
             AND EXISTS (SELECT 1 FROM users u WHERE u.id = sessions.user_id AND u.state = ?)",
        [
            presented.generation.saturating_add(1).into(),
            (*successor).into(),
            presented.hash.into(),
            nonce.into(),
            now.into(),
            now.into(),
            (*idle_expires_at).into(),
            (*session_id).into(),
            presented.generation.into(),
            presented.hash.into(),
            now.into(),
            now.into(),
            UserState::Active.as_str().into(),
        ],
    )
}

fn judged(intent: &RotateRefresh, session: &Session, account: &Account) -> Judgement {
    judge(
        &account.user,
        session,
        &intent.presented,
        intent.now,
        intent.retry_window,
    )
}

/// Holds the session, judges, and writes.
async fn slowly(link: &mut Link<'_>, intent: &RotateRefresh) -> Result<Rotated, Fault> {
    let id = intent.session_id;
    let lock = Sql::new(
        "SELECT id FROM sessions WHERE id = ? FOR UPDATE",
        [id.into()],
    );
    let mut answers = link.begin(lock.and(session_with_account_sql(id))).await?;
    answers.skip();
    let Some((mut session, account)) = session_with_account_in(&mut answers)? else {
        return Ok(Rotated::Unknown);
    };
    let judgement = judged(intent, &session, &account);
    match judgement {
        Judgement::Rotate => {
            advance(&mut session, intent);
            link.commit(rotation_sql(intent, &session)?).await?;
            Ok(Rotated::Rotated(session, account))
        }
        Judgement::Reused => {
            link.commit(reuse_sql(intent, &session)?).await?;
            Ok(Rotated::Reused {
                user_id: session.user_id,
            })
        }
        _ => Ok(unchanging(&judgement, session, account).unwrap_or(Rotated::Unknown)),
    }
}

fn advance(session: &mut Session, intent: &RotateRefresh) {
    let refresh = &mut session.refresh;
    refresh.generation = refresh.generation.saturating_add(1);
    refresh.previous = Some(refresh.current);
    refresh.current = intent.successor;
    refresh.nonce = intent.nonce;
    refresh.rotated_at = intent.now;
    session.last_seen_at = intent.now;
    session.idle_expires_at = intent.idle_expires_at;
}

fn rotation_sql(intent: &RotateRefresh, session: &Session) -> StoreResult<Sql> {
    let refresh = &session.refresh;
    let update = Sql::new(
        "UPDATE sessions SET generation = ?, current_hash = ?, previous_hash = ?, nonce = ?,
             rotated_at = ?, last_seen_at = ?, idle_expires_at = ? WHERE id = ?",
        [
            refresh.generation.into(),
            refresh.current.into(),
            refresh.previous.into(),
            (&refresh.nonce).into(),
            refresh.rotated_at.into(),
            session.last_seen_at.into(),
            session.idle_expires_at.into(),
            session.id.into(),
        ],
    );
    Ok(update.and(audit::insert_if_rotated_sql(
        &intent.event,
        session.id,
        intent.successor,
    )?))
}

fn reuse_sql(intent: &RotateRefresh, session: &Session) -> StoreResult<Sql> {
    let update = Sql::new(
        "UPDATE sessions SET ended_at = ?, end_reason = ? WHERE id = ?",
        [
            intent.now.into(),
            EndReason::RefreshReused.as_str().into(),
            session.id.into(),
        ],
    );
    let mut event = intent.reuse_event.clone();
    event.user_id = Some(session.user_id);
    Ok(update.and(audit::insert_sql(&event)?))
}

/// The answer, if nothing has to be written for it.
fn unchanging(judgement: &Judgement, session: Session, account: Account) -> Option<Rotated> {
    match *judgement {
        Judgement::Rotate | Judgement::Reused => None,
        Judgement::Retry { nonce } => Some(Rotated::Retried {
            nonce,
            session,
            account,
        }),
        Judgement::Refused(refusal) => Some(Rotated::Refused(refusal)),
        Judgement::Unknown => Some(Rotated::Unknown),
    }
}
