//! Spending refresh tokens, one at a time.

use std::time::Duration;

use countersign_domain::audit::{Actor, AuditEvent};
use countersign_domain::gate::Refusal;
use countersign_domain::opaque::TokenHash;
use countersign_domain::refresh::Presented;
use countersign_domain::session::{EndReason, RefreshState, Session};
use countersign_domain::user::UserState;

use super::samples::{at, current, ending, rotation, session, token_hash, user};
use super::states::setting;
use super::world::World;
use crate::ports::store::{RotateRefresh, Rotated};

async fn rotated(world: &World, intent: RotateRefresh) -> Session {
    match world.store().rotate(intent).await.unwrap() {
        Rotated::Rotated(session, _) => session,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_current_token_is_replaced_by_its_successor(world: &World) {
    let role = world.role("editor", "posts:write").await;
    let mut user = user();
    user.roles.insert(role.name.clone());
    let user = world.signed_up_as(user).await;
    let old = world.logged_in(&user).await;
    let before = world.logged().await;

    let intent = rotation(&old, current(&old), 60);
    let expected = Session {
        last_seen_at: at(60),
        idle_expires_at: at(3_660),
        refresh: RefreshState {
            generation: 1,
            current: intent.successor,
            previous: Some(old.refresh.current),
            nonce: intent.nonce,
            rotated_at: at(60),
        },
        ..old
    };
    let event = intent.event.clone();
    match world.store().rotate(intent).await.unwrap() {
        Rotated::Rotated(session, account) => {
            assert_eq!(session, expected);
            assert_eq!((account.user, account.roles), (user, vec![role]));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.session(expected.id).await, expected);
    world.assert_logged(&before, &[&event]).await;
}

pub(super) async fn a_line_of_tokens_is_spent_on_either_instance(world: &World) {
    let user = world.signed_up().await;
    let mut session = world.logged_in(&user).await;
    for n in 0..20_u32 {
        let store = world.instance(usize::try_from(n).unwrap());
        let intent = rotation(&session, current(&session), 60 + i64::from(n) * 60);
        match store.rotate(intent).await.unwrap() {
            Rotated::Rotated(next, _) => session = next,
            other => panic!("{other:?} at {n}"),
        }
        assert_eq!(session.refresh.generation, n + 1);
    }
}

pub(super) async fn a_retry_within_the_window_gets_the_same_nonce(world: &World) {
    let user = world.signed_up().await;
    let old = world.logged_in(&user).await;
    let first = rotation(&old, current(&old), 60);
    let nonce = first.nonce;
    let new = rotated(world, first).await;
    let before = world.logged().await;
    for second in [60, 65, 70] {
        let retry = rotation(&old, current(&old), second);
        match world.other().rotate(retry).await.unwrap() {
            Rotated::Retried {
                nonce: again,
                session,
                account,
            } => {
                assert_eq!(
                    (again, session, account.user),
                    (nonce, new.clone(), user.clone())
                );
            }
            other => panic!("{other:?} at {second}"),
        }
    }
    assert_eq!(world.session(old.id).await, new);
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn a_reuse_ends_the_session_for_good(world: &World) {
    let user = world.signed_up().await;
    let old = world.logged_in(&user).await;
    let untouched = world.logged_in(&user).await;
    let new = rotated(world, rotation(&old, current(&old), 60)).await;
    let before = world.logged().await;

    let reuse = rotation(&old, current(&old), 71);
    let event = reuse.reuse_event.clone();
    match world.store().rotate(reuse).await.unwrap() {
        Rotated::Reused { user_id } => assert_eq!(user_id, user.id),
        other => panic!("{other:?}"),
    }
    let ended = world.session(old.id).await.ended.unwrap();
    assert_eq!((ended.at, ended.reason), (at(71), EndReason::RefreshReused));
    for token in [current(&old), current(&new)] {
        let answer = world
            .other()
            .rotate(rotation(&old, token, 72))
            .await
            .unwrap();
        assert!(
            matches!(answer, Rotated::Refused(Refusal::SessionEnded)),
            "{answer:?}"
        );
    }
    assert_eq!(world.session(untouched.id).await, untouched);
    // One line for the reuse, none for what came after.
    world.assert_logged(&before, &[&event]).await;
}

pub(super) async fn the_lines_of_a_refresh_name_the_user(world: &World) {
    let user = world.signed_up().await;
    let old = world.logged_in(&user).await;
    let first = rotation(&old, current(&old), 60);
    let refreshed = AuditEvent {
        user_id: Some(user.id),
        actor: Actor::User(user.id),
        ..first.event.clone()
    };
    rotated(world, first).await;
    let reuse = rotation(&old, current(&old), 71);
    // Who came with a spent token is not known: the actor stays what the caller said.
    let reused = AuditEvent {
        user_id: Some(user.id),
        ..reuse.reuse_event.clone()
    };
    let _ = world.store().rotate(reuse).await.unwrap();
    let log = world.log().await;
    for line in [refreshed, reused] {
        assert!(log.contains(&line), "{line:?}");
    }
}

pub(super) async fn an_older_token_is_a_reuse_at_any_time(world: &World) {
    let user = world.signed_up().await;
    let first = world.logged_in(&user).await;
    let second = rotated(world, rotation(&first, current(&first), 60)).await;
    rotated(world, rotation(&second, current(&second), 61)).await;
    let answer = world
        .store()
        .rotate(rotation(&first, current(&first), 61))
        .await
        .unwrap();
    assert!(matches!(answer, Rotated::Reused { .. }), "{answer:?}");
}

pub(super) async fn without_a_window_there_is_no_retry(world: &World) {
    let user = world.signed_up().await;
    let old = world.logged_in(&user).await;
    rotated(world, rotation(&old, current(&old), 60)).await;
    let mut intent = rotation(&old, current(&old), 61);
    intent.retry_window = Duration::ZERO;
    let answer = world.store().rotate(intent).await.unwrap();
    assert!(matches!(answer, Rotated::Reused { .. }), "{answer:?}");
}

pub(super) async fn a_token_never_seen_changes_nothing(world: &World) {
    let user = world.signed_up().await;
    let session = world.logged_in(&user).await;
    let before = world.logged().await;
    let hash: TokenHash = token_hash();
    let unknown = super::samples::session(&user);
    for intent in [
        rotation(&unknown, current(&unknown), 60),
        rotation(
            &session,
            Presented {
                generation: 0,
                hash,
            },
            60,
        ),
        rotation(
            &session,
            Presented {
                generation: 1,
                hash,
            },
            60,
        ),
        rotation(
            &session,
            Presented {
                generation: u32::MAX,
                hash: session.refresh.current,
            },
            60,
        ),
    ] {
        let answer = world.store().rotate(intent).await.unwrap();
        assert!(matches!(answer, Rotated::Unknown), "{answer:?}");
    }
    assert_eq!(world.session(session.id).await, session);
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn the_gate_stands_before_every_refresh(world: &World) {
    let disabled = world.signed_up().await;
    let locked = world.signed_up().await;
    let ended = world.signed_up().await;
    let expired = world.signed_up().await;
    let sessions = [
        world.logged_in(&disabled).await,
        world.logged_in(&locked).await,
        world.logged_in(&ended).await,
        world.logged_in(&expired).await,
    ];
    for (user, state) in [
        (&disabled, UserState::Disabled),
        (&locked, UserState::Locked),
    ] {
        let _ = world
            .store()
            .set_user_state(setting(user.id, state))
            .await
            .unwrap();
    }
    let _ = world
        .store()
        .end_session(ending(&sessions[2]))
        .await
        .unwrap();
    let before = world.logged().await;
    for (session, second, refusal) in [
        (&sessions[0], 61, Refusal::UserDisabled),
        (&sessions[1], 61, Refusal::UserLocked),
        (&sessions[2], 61, Refusal::SessionEnded),
        (&sessions[3], 3_600, Refusal::SessionExpired),
    ] {
        let stored = world.session(session.id).await;
        let intent = rotation(session, current(session), second);
        match world.other().rotate(intent).await.unwrap() {
            Rotated::Refused(why) => assert_eq!(why, refusal),
            other => panic!("{other:?} instead of {refusal:?}"),
        }
        assert_eq!(world.session(session.id).await, stored);
    }
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn generations_count_to_the_end_of_their_range(world: &World) {
    let user = world.signed_up().await;
    let mut session = session(&user);
    session.refresh.generation = u32::MAX - 1;
    let session = world.logged_in_as(session).await;
    let last = rotated(world, rotation(&session, current(&session), 60)).await;
    assert_eq!(last.refresh.generation, u32::MAX);
    assert_eq!(world.session(session.id).await, last);
}
