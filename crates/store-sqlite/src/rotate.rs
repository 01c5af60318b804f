//! Spending a refresh token: read, judged and written in one change.

use countersign_app::ports::store::{RotateRefresh, Rotated, StoreResult};
use countersign_domain::audit::Actor;
use countersign_domain::refresh::{Judgement, judge};
use countersign_domain::session::{EndReason, RefreshState, Session};
use rusqlite::{Connection, params};

use crate::error::OrStoreError;
use crate::{audit, sessions};

/// See [`countersign_app::ports::Store::rotate`].
pub(crate) fn rotate(connection: &Connection, intent: &RotateRefresh) -> StoreResult<Rotated> {
    let found = sessions::session_with_account(connection, intent.session_id)?;
    let Some((mut session, account)) = found else {
        return Ok(Rotated::Unknown);
    };
    let judgement = judge(
        &account.user,
        &session,
        &intent.presented,
        intent.now,
        intent.retry_window,
    );
    match judgement {
        Judgement::Rotate => {
            session.refresh = RefreshState {
                generation: session.refresh.generation.saturating_add(1),
                current: intent.successor,
                previous: Some(session.refresh.current),
                nonce: intent.nonce,
                rotated_at: intent.now,
            };
            session.last_seen_at = intent.now;
            session.idle_expires_at = intent.idle_expires_at;
            save(connection, &session)?;
            let mut event = intent.event.clone();
            event.user_id = Some(session.user_id);
            event.actor = Actor::User(session.user_id);
            audit::insert(connection, &event)?;
            Ok(Rotated::Rotated(session, account))
        }
        Judgement::Retry { nonce } => Ok(Rotated::Retried {
            nonce,
            session,
            account,
        }),
        Judgement::Reused => {
            connection
                .prepare_cached("UPDATE sessions SET ended_at = ?2, end_reason = ?3 WHERE id = ?1")
                .or_store_error()?
                .execute(params![
                    session.id.as_uuid(),
                    intent.now.as_millis(),
                    EndReason::RefreshReused.as_str(),
                ])
                .or_store_error()?;
            let mut event = intent.reuse_event.clone();
            event.user_id = Some(session.user_id);
            audit::insert(connection, &event)?;
            Ok(Rotated::Reused {
                user_id: session.user_id,
            })
        }
        Judgement::Refused(refusal) => Ok(Rotated::Refused(refusal)),
        Judgement::Unknown => Ok(Rotated::Unknown),
    }
}

fn save(connection: &Connection, session: &Session) -> StoreResult<()> {
    let refresh = &session.refresh;
    connection
        .prepare_cached(
            "UPDATE sessions SET generation = ?2, current_hash = ?3, previous_hash = ?4,
                 nonce = ?5, rotated_at = ?6, last_seen_at = ?6, idle_expires_at = ?7
             WHERE id = ?1",
        )
        .or_store_error()?
        .execute(params![
            session.id.as_uuid(),
            refresh.generation,
            refresh.current.as_bytes(),
            refresh
                .previous
                .as_ref()
                .map(countersign_domain::opaque::TokenHash::as_bytes),
            refresh.nonce,
            refresh.rotated_at.as_millis(),
            session.idle_expires_at.as_millis(),
        ])
        .or_store_error()?;
    Ok(())
}
