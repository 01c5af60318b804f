//! Switching users off and on.

use countersign_domain::audit::Action;
use countersign_domain::gate::Refusal;
use countersign_domain::id::UserId;
use countersign_domain::session::EndReason;
use countersign_domain::user::{User, UserState};

use super::authority::authority;
use super::passwords::change;
use super::race::{count, race};
use super::samples::{at, current, deleting, event, hash, opening, rotation, session_from};
use super::world::World;
use crate::ports::store::{
    ChangeAuthority, ChangePassword, DeleteUser, OpenSession, PasswordChanged, Rotated,
    SessionOpened, SetUserState, UserChanged, UserDeleted,
};

/// Sets a state at second 60.
pub(super) fn setting(user_id: UserId, state: UserState) -> SetUserState {
    SetUserState {
        by: countersign_domain::standing::By::Operator,
        user_id,
        state,
        expected_version: None,
        now: at(60),
        event: event(Action::UserStateChanged),
    }
}

pub(super) async fn shutting_a_user_ends_all_their_sessions(world: &World) {
    for state in [UserState::Disabled, UserState::Locked] {
        let user = world.signed_up().await;
        let stranger = world.signed_up().await;
        let sessions = [world.logged_in(&user).await, world.logged_in(&user).await];
        let strangers = world.logged_in(&stranger).await;
        let before = world.logged().await;

        let intent = setting(user.id, state);
        let event = intent.event.clone();
        let expected = User {
            state,
            updated_at: at(60),
            version: 2,
            ..user.clone()
        };
        match world.store().set_user_state(intent).await.unwrap() {
            UserChanged::Changed(account) => assert_eq!(account.user, expected),
            other => panic!("{other:?}"),
        }
        assert_eq!(world.account(user.id).await.user, expected);
        for session in sessions {
            let ended = world.session(session.id).await.ended.unwrap();
            assert_eq!((ended.at, ended.reason), (at(60), EndReason::UserShut));
        }
        assert_eq!(world.session(strangers.id).await, strangers);
        world.assert_logged(&before, &[&event]).await;

        // Coming back does not bring the sessions back.
        let back = world
            .other()
            .set_user_state(setting(user.id, UserState::Active))
            .await
            .unwrap();
        assert!(matches!(back, UserChanged::Changed(account) if account.user.version == 3));
        assert_eq!(
            world.store().live_sessions(user.id, at(61)).await.unwrap(),
            []
        );
    }
}

pub(super) async fn the_state_of_nobody_can_not_be_set(world: &World) {
    let intent = setting(super::samples::user().id, UserState::Disabled);
    let answer = world.store().set_user_state(intent).await.unwrap();
    assert!(matches!(answer, UserChanged::NotFound), "{answer:?}");
    assert!(world.log().await.is_empty());
}

pub(super) async fn a_disabled_user_refreshes_nothing_however_close_the_race(world: &World) {
    let user = world.signed_up().await;
    let mut sessions = Vec::new();
    for _ in 0..50 {
        sessions.push(world.logged_in(&user).await);
    }
    let answers = race(world, 51, |n, store| {
        let rotation = sessions.get(n).map(|s| rotation(s, current(s), 60));
        let disabling = setting(user.id, UserState::Disabled);
        async move {
            match rotation {
                Some(rotation) => Some(store.rotate(rotation).await.unwrap()),
                None => {
                    let _ = store.set_user_state(disabling).await.unwrap();
                    None
                }
            }
        }
    })
    .await;
    for (session, answer) in sessions.iter().zip(answers) {
        let token = match answer.unwrap() {
            Rotated::Rotated(rotated, _) => current(&rotated),
            Rotated::Refused(Refusal::UserDisabled) => current(session),
            other => panic!("{other:?}"),
        };
        let answer = world
            .other()
            .rotate(rotation(session, token, 61))
            .await
            .unwrap();
        assert!(
            matches!(answer, Rotated::Refused(Refusal::UserDisabled)),
            "{answer:?}"
        );
        assert!(world.session(session.id).await.ended.is_some());
    }
}

pub(super) async fn a_login_beside_a_disabling_leaves_no_live_session(world: &World) {
    let user = world.signed_up().await;
    race(world, 50, |n, store| {
        let session = session_from(&user, 0);
        let login = OpenSession {
            proved: Some(hash("first")),
            ..opening(&session, 100)
        };
        let disabling = setting(user.id, UserState::Disabled);
        async move {
            if n == 25 {
                let _ = store.set_user_state(disabling).await.unwrap();
                return;
            }
            match store.open_session(login).await.unwrap() {
                SessionOpened::Opened { .. } | SessionOpened::Refused(Refusal::UserDisabled) => {}
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
    assert_eq!(
        world.store().live_sessions(user.id, at(61)).await.unwrap(),
        []
    );
}

pub(super) async fn a_decision_on_a_user_who_changed_since_is_not_carried_out(world: &World) {
    let user = world.signed_up().await;
    let session = world.logged_in(&user).await;
    // It was made on version 1; a change counts it up.
    let changed = world
        .store()
        .set_user_state(setting(user.id, UserState::Active))
        .await
        .unwrap();
    assert!(matches!(changed, UserChanged::Changed(_)), "{changed:?}");
    let expected = world.account(user.id).await.user;
    let before = world.logged().await;
    let store = world.other();
    for version in [0, 1, 3, u64::MAX] {
        let expected_version = Some(version);
        let state = SetUserState {
            expected_version,
            ..setting(user.id, UserState::Disabled)
        };
        let answer = store.set_user_state(state).await.unwrap();
        assert!(matches!(answer, UserChanged::VersionConflict), "{answer:?}");
        let authority = ChangeAuthority {
            expected_version,
            grant_scopes: "a:read".parse().unwrap(),
            ..authority(user.id)
        };
        let answer = store.change_authority(authority).await.unwrap();
        assert!(matches!(answer, UserChanged::VersionConflict), "{answer:?}");
        let password = ChangePassword {
            expected_version,
            revoke_personal_tokens: true,
            ..change(user.id, Some(Some(hash("first"))), "second")
        };
        assert_eq!(
            store.change_password(password).await.unwrap(),
            PasswordChanged::Stale
        );
        let deletion = DeleteUser {
            expected_version,
            ..deleting(user.id)
        };
        assert_eq!(
            store.delete_user(deletion).await.unwrap(),
            UserDeleted::VersionConflict
        );
    }
    assert_eq!(world.account(user.id).await.user, expected);
    assert_eq!(world.password(user.id).await, Some(hash("first")));
    assert_eq!(world.session(session.id).await, session);
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn a_decision_on_a_user_as_they_are_is_carried_out(world: &World) {
    let user = world.signed_up().await;
    let store = world.other();
    let password = ChangePassword {
        expected_version: Some(1),
        ..change(user.id, None, "second")
    };
    let answer = store.change_password(password).await.unwrap();
    assert_eq!(answer, PasswordChanged::Changed { ended_sessions: 0 });
    let version = async || Some(world.account(user.id).await.user.version);
    let state = SetUserState {
        expected_version: version().await,
        ..setting(user.id, UserState::Disabled)
    };
    let answer = store.set_user_state(state).await.unwrap();
    assert!(matches!(answer, UserChanged::Changed(_)), "{answer:?}");
    let authority = ChangeAuthority {
        expected_version: version().await,
        ..authority(user.id)
    };
    let answer = store.change_authority(authority).await.unwrap();
    assert!(matches!(answer, UserChanged::Changed(_)), "{answer:?}");
    let deletion = DeleteUser {
        expected_version: version().await,
        ..deleting(user.id)
    };
    assert_eq!(
        store.delete_user(deletion).await.unwrap(),
        UserDeleted::Deleted
    );
}

pub(super) async fn of_fifty_decisions_on_one_version_one_is_carried_out(world: &World) {
    let user = world.signed_up().await;
    let before = world.logged().await;
    let answers = race(world, 50, |n, store| {
        let expected_version = Some(1);
        let state = SetUserState {
            expected_version,
            ..setting(user.id, UserState::Locked)
        };
        let authority = ChangeAuthority {
            expected_version,
            ..authority(user.id)
        };
        let deletion = DeleteUser {
            expected_version,
            ..deleting(user.id)
        };
        async move {
            match n / 2 % 3 {
                0 => matches!(
                    store.set_user_state(state).await.unwrap(),
                    UserChanged::Changed(_)
                ),
                1 => matches!(
                    store.change_authority(authority).await.unwrap(),
                    UserChanged::Changed(_)
                ),
                _ => store.delete_user(deletion).await.unwrap() == UserDeleted::Deleted,
            }
        }
    })
    .await;
    assert_eq!(count(&answers, |carried_out| *carried_out), 1);
    assert_eq!(world.logged().await.len(), before.len() + 1);
}
