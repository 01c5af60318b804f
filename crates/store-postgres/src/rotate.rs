//! Spending a refresh token. When all is as it should be, one guarded statement does the whole
//! change and reads its result; whatever it does not find so goes the long way: lock, read, judge,
//! write.

use countersign_app::ports::store::{RotateRefresh, Rotated};
use countersign_domain::audit::Actor;
use countersign_domain::refresh::{Judgement, judge};
use countersign_domain::session::{EndReason, Session};
use countersign_store_rows::{role_columns, session, session_columns, user_columns};

use crate::accounts::first_with_account;
use crate::audit;
use crate::connection::{Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::sessions::{self, session_in, session_statement};

/// See [`countersign_app::ports::Store::rotate`].
pub(crate) async fn rotate(lease: &mut Lease, intent: &RotateRefresh) -> Result<Rotated, Fault> {
    let answer = lease.run(good_way(intent)?).await?;
    if let Some((session, account)) = first_with_account(&answer.rows, session)? {
        return Ok(Rotated::Rotated(session, account));
    }
    long_way(lease, intent).await
}

/// Rotates, writes the event and gives session and account, if the token is the current one and
/// user and session may have another: what `judge` asks, as conditions of the update. When another
/// change of the session comes first, the conditions are looked at again on what it left; a change
/// of the user's state ends their sessions, so it is one of those.
pub(crate) fn good_way(intent: &RotateRefresh) -> Result<Statement, Fault> {
    let event = audit::Line::of(&intent.event)?;
    Ok(sql!(
        concat!(
            "WITH s AS (
                 UPDATE sessions o SET generation = o.generation + 1, current_hash = $4,
                     previous_hash = o.current_hash, nonce = $5, rotated_at = $6,
                     last_seen_at = $6, idle_expires_at = $7
                 FROM users u
                 WHERE o.id = $1 AND u.id = o.user_id AND u.state = 'active'
                     AND o.generation = $2 AND o.current_hash = $3 AND o.generation < 4294967295
                     AND o.ended_at IS NULL AND o.idle_expires_at > $6 AND o.expires_at > $6
                 RETURNING o.*),
             line AS (
                 INSERT INTO audit_events (id, at, actor, actor_id, action, user_id, session_id,
                     address, request_id, detail)
                 SELECT $8::uuid, $9::bigint, 'user', s.user_id, $10::text, s.user_id, $11::uuid,
                     $12::text, $13::text, $14::text FROM s)
             SELECT ",
            session_columns!(),
            ", ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM s JOIN users u ON u.id = s.user_id
             LEFT JOIN user_roles held ON held.user_id = s.user_id
             LEFT JOIN roles r ON r.name = held.role"
        ),
        intent.session_id,
        intent.presented.generation,
        &intent.presented.hash,
        &intent.successor,
        &intent.nonce,
        intent.now,
        intent.idle_expires_at,
        *intent.event.id.as_uuid(),
        intent.event.at,
        intent.event.action.as_str(),
        intent.event.session_id,
        event.address,
        intent.event.request_id.as_deref(),
        event.detail,
    ))
}

async fn long_way(lease: &mut Lease, intent: &RotateRefresh) -> Result<Rotated, Fault> {
    let lock = sql!(
        "SELECT 1 FROM sessions WHERE id = $1 FOR NO KEY UPDATE",
        intent.session_id
    );
    let answers = lease
        .begin(vec![lock, session_statement(intent.session_id)])
        .await?;
    let found = answers.last().map(session_in).transpose()?.flatten();
    let Some((mut session, account)) = found else {
        lease.roll_back().await?;
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
            let mut event = intent.event.clone();
            event.user_id = Some(session.user_id);
            event.actor = Actor::User(session.user_id);
            spend(&mut session, intent);
            lease
                .commit(vec![sessions::put(&session)?, audit::insert(&event)?])
                .await?;
            Ok(Rotated::Rotated(session, account))
        }
        Judgement::Reused => {
            let mut event = intent.reuse_event.clone();
            event.user_id = Some(session.user_id);
            let end = sql!(
                "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1",
                session.id,
                intent.now,
                EndReason::RefreshReused.as_str(),
            );
            lease.commit(vec![end, audit::insert(&event)?]).await?;
            Ok(Rotated::Reused {
                user_id: session.user_id,
            })
        }
        Judgement::Retry { nonce } => {
            lease.roll_back().await?;
            Ok(Rotated::Retried {
                nonce,
                session,
                account,
            })
        }
        Judgement::Refused(refusal) => {
            lease.roll_back().await?;
            Ok(Rotated::Refused(refusal))
        }
        Judgement::Unknown => {
            lease.roll_back().await?;
            Ok(Rotated::Unknown)
        }
    }
}

fn spend(session: &mut Session, intent: &RotateRefresh) {
    let refresh = &mut session.refresh;
    refresh.generation = refresh.generation.saturating_add(1);
    refresh.previous = Some(std::mem::replace(&mut refresh.current, intent.successor));
    refresh.nonce = intent.nonce;
    refresh.rotated_at = intent.now;
    session.last_seen_at = intent.now;
    session.idle_expires_at = intent.idle_expires_at;
}
