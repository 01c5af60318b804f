//! Opening sessions: past the gate, on the password that was proved, within the limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign_domain::audit::Action;
use countersign_domain::gate::Refusal;
use countersign_domain::session::{EndReason, Ended};
use countersign_domain::user::UserState;

use super::race::race;
use super::samples::{at, current, event, hash, opening, rotation, session, session_from, user};
use super::states::setting;
use super::world::World;
use crate::ports::store::{ChangePassword, OpenSession, PasswordChanged, Rotated, SessionOpened};

pub(super) async fn a_login_opens_a_session_and_gives_the_account(world: &World) {
    let role = world.role("editor", "posts:write").await;
    let mut user = user();
    user.roles.insert(role.name.clone());
    let user = world.signed_up_as(user).await;
    let before = world.logged().await;
    let session = session(&user);
    let intent = OpenSession {
        proved: Some(hash("first")),
        ..opening(&session, 5)
    };
    let event = intent.event.clone();
    match world.store().open_session(intent).await.unwrap() {
        SessionOpened::Opened { account, displaced } => {
            assert_eq!((account.user, displaced), (user.clone(), 0));
            assert_eq!(account.roles, [role]);
        }
        other => panic!("{other:?}"),
    }
    let (stored, account) = world.other().session(session.id).await.unwrap().unwrap();
    assert_eq!((stored, account.user), (session, user.clone()));
    assert_eq!(world.password(user.id).await, Some(hash("first")));
    world.assert_logged(&before, &[&event]).await;
}

pub(super) async fn a_login_replaces_an_old_hash(world: &World) {
    let user = world.signed_up().await;
    let intent = OpenSession {
        proved: Some(hash("first")),
        rehash: Some(hash("stronger")),
        ..opening(&session(&user), 5)
    };
    let opened = world.store().open_session(intent.clone()).await.unwrap();
    assert!(matches!(opened, SessionOpened::Opened { .. }), "{opened:?}");
    assert_eq!(world.password(user.id).await, Some(hash("stronger")));

    // A second login that verified the old hash has to look again.
    let again = OpenSession {
        session: session(&user),
        ..intent
    };
    let opened = world.other().open_session(again).await.unwrap();
    assert!(matches!(opened, SessionOpened::Stale), "{opened:?}");
}

pub(super) async fn a_refused_login_leaves_nothing(world: &World) {
    let active = world.signed_up().await;
    let disabled = world.signed_up().await;
    let locked = world.signed_up().await;
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
    let earlier = world.logged_in(&active).await;
    let before = world.logged().await;

    let mut expired = session(&active);
    expired.idle_expires_at = expired.created_at;
    let mut ended = session(&active);
    ended.ended = Some(Ended {
        at: at(0),
        reason: EndReason::Revoked,
    });
    for (session, refusal) in [
        (session(&disabled), Refusal::UserDisabled),
        (session(&locked), Refusal::UserLocked),
        (expired, Refusal::SessionExpired),
        (ended, Refusal::SessionEnded),
    ] {
        let intent = OpenSession {
            proved: Some(hash("first")),
            rehash: Some(hash("stronger")),
            ..opening(&session, 1)
        };
        match world.store().open_session(intent).await.unwrap() {
            SessionOpened::Refused(why) => assert_eq!(why, refusal),
            other => panic!("{other:?} instead of {refusal:?}"),
        }
        assert!(world.other().session(session.id).await.unwrap().is_none());
        assert_eq!(world.password(session.user_id).await, Some(hash("first")));
    }
    for (user, proved) in [(active.clone(), "other"), (user(), "first")] {
        let intent = OpenSession {
            proved: Some(hash(proved)),
            rehash: Some(hash("stronger")),
            ..opening(&session(&user), 1)
        };
        let opened = world.store().open_session(intent).await.unwrap();
        assert!(matches!(opened, SessionOpened::Stale), "{opened:?}");
    }
    assert_eq!(world.password(active.id).await, Some(hash("first")));
    assert_eq!(
        world.store().live_sessions(active.id, at(1)).await.unwrap(),
        [earlier]
    );
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn fifty_logins_never_leave_more_sessions_than_the_limit(world: &World) {
    let user = world.signed_up().await;
    let sessions: Vec<_> = (0..50).map(|n| session_from(&user, n)).collect();
    let done = Arc::new(AtomicBool::new(false));
    let watcher = tokio::spawn({
        let (store, done) = (world.instance(1), Arc::clone(&done));
        async move {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(store.live_sessions(user.id, at(60)).await.unwrap().len());
                tokio::task::yield_now().await;
            }
            most
        }
    });
    let answers = race(world, 50, |n, store| {
        let intent = OpenSession {
            proved: Some(hash("first")),
            ..opening(&sessions[n], 5)
        };
        async move {
            match store.open_session(intent).await.unwrap() {
                SessionOpened::Opened { displaced, .. } => displaced,
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
    done.store(true, Ordering::Relaxed);
    assert!(
        watcher.await.unwrap() <= 5,
        "there were more sessions than the limit for a while"
    );
    assert_eq!(answers.iter().sum::<u64>(), 45);
    let live = world.other().live_sessions(user.id, at(60)).await.unwrap();
    assert_eq!(live.len(), 5);
    for session in &sessions {
        let ended = world.session(session.id).await.ended;
        let is_live = live.iter().any(|one| one.id == session.id);
        assert_eq!(
            ended.map(|e| e.reason),
            (!is_live).then_some(EndReason::Displaced)
        );
    }
}

pub(super) async fn the_sessions_longest_unused_give_way(world: &World) {
    let user = world.signed_up().await;
    let stranger = world.signed_up().await;
    let strangers = world.logged_in(&stranger).await;
    let oldest = world.logged_in_as(session_from(&user, 0)).await;
    let middle = world.logged_in_as(session_from(&user, 10)).await;
    let newest = world.logged_in_as(session_from(&user, 20)).await;
    // It would have gone first, had it not been used.
    let rotated = world
        .store()
        .rotate(rotation(&oldest, current(&oldest), 30))
        .await
        .unwrap();
    assert!(matches!(rotated, Rotated::Rotated(..)), "{rotated:?}");

    let fourth = session_from(&user, 40);
    let opened = world
        .other()
        .open_session(opening(&fourth, 3))
        .await
        .unwrap();
    assert!(
        matches!(opened, SessionOpened::Opened { displaced: 1, .. }),
        "{opened:?}"
    );
    let ended = world.session(middle.id).await.ended.unwrap();
    assert_eq!((ended.at, ended.reason), (at(40), EndReason::Displaced));
    let live = world.store().live_sessions(user.id, at(50)).await.unwrap();
    let ids: Vec<_> = live.iter().map(|session| session.id).collect();
    assert_eq!(ids, [fourth.id, newest.id, oldest.id]);

    // A lower limit takes several at once, and the new one stays whatever its place.
    let fifth = session_from(&user, 5);
    let opened = world
        .store()
        .open_session(opening(&fifth, 1))
        .await
        .unwrap();
    assert!(
        matches!(opened, SessionOpened::Opened { displaced: 3, .. }),
        "{opened:?}"
    );
    let live = world.store().live_sessions(user.id, at(50)).await.unwrap();
    assert_eq!(live, [fifth]);
    assert_eq!(world.session(strangers.id).await, strangers);
}

pub(super) async fn sessions_that_are_over_take_no_room(world: &World) {
    let user = world.signed_up().await;
    let idled_out = world.logged_in_as(session_from(&user, -7_200)).await;
    let first = world.logged_in_as(session_from(&user, 0)).await;
    let intent = opening(&session_from(&user, 10), 2);
    let opened = world.store().open_session(intent).await.unwrap();
    assert!(
        matches!(opened, SessionOpened::Opened { displaced: 0, .. }),
        "{opened:?}"
    );
    assert_eq!(world.session(idled_out.id).await.ended, None);
    assert_eq!(world.session(first.id).await.ended, None);
}

pub(super) async fn a_password_change_beside_logins_outlives_the_old_password(world: &World) {
    let user = world.signed_up().await;
    race(world, 50, |n, store| {
        let intent = OpenSession {
            proved: Some(hash("first")),
            ..opening(&session(&user), 100)
        };
        let change = ChangePassword {
            by: countersign_domain::standing::By::Operator,
            user_id: user.id,
            expected: Some(Some(hash("first"))),
            expected_version: None,
            new: hash("second"),
            keep_session: None,
            revoke_personal_tokens: false,
            now: at(1),
            event: event(Action::PasswordChanged),
        };
        async move {
            if n == 25 {
                let changed = store.change_password(change).await.unwrap();
                assert!(
                    matches!(changed, PasswordChanged::Changed { .. }),
                    "{changed:?}"
                );
                return;
            }
            let opened = store.open_session(intent).await.unwrap();
            let fits = matches!(opened, SessionOpened::Opened { .. } | SessionOpened::Stale);
            assert!(fits, "{opened:?}");
        }
    })
    .await;
    // Whoever came before was ended by the change; whoever came after was stale.
    assert_eq!(
        world.other().live_sessions(user.id, at(2)).await.unwrap(),
        []
    );
}
