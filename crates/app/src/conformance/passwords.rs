//! Changing passwords: from the hash that was proved, once, and with the other sessions ended.

use countersign_domain::audit::Action;
use countersign_domain::id::UserId;
use countersign_domain::password::PasswordHash;
use countersign_domain::session::EndReason;

use super::race::{count, race};
use super::samples::{at, ending, event, hash, personal_token, session_from, sign_up, user};
use super::world::World;
use crate::ports::store::{
    ChangePassword, CreatePersonalToken, PasswordChanged, PersonalTokenCreated, SessionEnded,
};

/// A change from `expected` to `new`, at second 60.
pub(super) fn change(
    user_id: UserId,
    expected: Option<Option<PasswordHash>>,
    new: &str,
) -> ChangePassword {
    ChangePassword {
        by: countersign_domain::standing::By::Operator,
        user_id,
        expected,
        expected_version: None,
        new: hash(new),
        keep_session: None,
        revoke_personal_tokens: false,
        now: at(60),
        event: event(Action::PasswordChanged),
    }
}

pub(super) async fn a_password_change_ends_all_sessions_but_the_one_to_keep(world: &World) {
    let user = world.signed_up().await;
    let stranger = world.signed_up().await;
    let kept = world.logged_in(&user).await;
    let others = [world.logged_in(&user).await, world.logged_in(&user).await];
    let ended_before = world.logged_in(&user).await;
    let ended = world
        .store()
        .end_session(ending(&ended_before))
        .await
        .unwrap();
    assert_eq!(ended, SessionEnded::Ended);
    // It idled out before: it is ended, too, but does not count.
    let expired = world.logged_in_as(session_from(&user, -7_200)).await;
    let strangers = world.logged_in(&stranger).await;
    let before = world.logged().await;

    let intent = ChangePassword {
        keep_session: Some(kept.id),
        ..change(user.id, Some(Some(hash("first"))), "second")
    };
    let event = intent.event.clone();
    let answer = world.store().change_password(intent).await.unwrap();
    assert_eq!(answer, PasswordChanged::Changed { ended_sessions: 2 });
    assert_eq!(world.password(user.id).await, Some(hash("second")));
    for session in others {
        let ended = world.session(session.id).await.ended.unwrap();
        assert_eq!(
            (ended.at, ended.reason),
            (at(60), EndReason::PasswordChanged)
        );
    }
    assert_eq!(world.session(kept.id).await, kept);
    // By the clock of another instance it may not have run out yet.
    assert!(world.session(expired.id).await.ended.is_some());
    assert_eq!(world.session(strangers.id).await, strangers);
    let reason = world.session(ended_before.id).await.ended.unwrap().reason;
    assert_eq!(
        reason,
        EndReason::LoggedOut,
        "what ended before keeps its end"
    );
    world.assert_logged(&before, &[&event]).await;
}

pub(super) async fn a_password_change_revokes_the_personal_tokens_if_wanted(world: &World) {
    let user = world.signed_up().await;
    let stranger = world.signed_up().await;
    let mut tokens = Vec::new();
    for owner in [&user, &user, &stranger] {
        let token = personal_token(owner);
        let intent = CreatePersonalToken {
            by: countersign_domain::standing::By::Operator,
            token: token.clone(),
            max_tokens: 5,
            event: event(Action::PersonalTokenCreated),
        };
        let created = world.store().create_personal_token(intent).await.unwrap();
        assert_eq!(created, PersonalTokenCreated::Created);
        tokens.push(token);
    }
    let live = async |id| {
        world
            .other()
            .live_personal_tokens(id, at(61))
            .await
            .unwrap()
            .len()
    };
    let _ = world
        .store()
        .change_password(change(user.id, None, "second"))
        .await
        .unwrap();
    assert_eq!(live(user.id).await, 2);

    let revoking = ChangePassword {
        revoke_personal_tokens: true,
        ..change(user.id, None, "third")
    };
    let _ = world.store().change_password(revoking).await.unwrap();
    assert_eq!((live(user.id).await, live(stranger.id).await), (0, 1));
    let stored = world
        .other()
        .personal_token(tokens[0].id)
        .await
        .unwrap()
        .unwrap()
        .0;
    assert_eq!(stored.revoked_at, Some(at(60)));
}

pub(super) async fn a_password_change_from_another_hash_is_stale(world: &World) {
    let user = world.signed_up().await;
    let session = world.logged_in(&user).await;
    let before = world.logged().await;
    for expected in [Some(hash("wrong")), None] {
        let intent = change(user.id, Some(expected), "second");
        let answer = world.store().change_password(intent).await.unwrap();
        assert_eq!(answer, PasswordChanged::Stale);
    }
    let intent = change(super::samples::user().id, None, "second");
    let answer = world.store().change_password(intent).await.unwrap();
    assert_eq!(answer, PasswordChanged::NotFound);
    assert_eq!(world.password(user.id).await, Some(hash("first")));
    assert_eq!(world.session(session.id).await, session);
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn a_first_password_is_set_where_there_was_none(world: &World) {
    let user = user();
    let _ = world.store().sign_up(sign_up(&user)).await.unwrap();
    let intent = change(user.id, Some(Some(hash("first"))), "second");
    let answer = world.store().change_password(intent).await.unwrap();
    assert_eq!(answer, PasswordChanged::Stale);
    let intent = change(user.id, Some(None), "second");
    let answer = world.store().change_password(intent).await.unwrap();
    assert_eq!(answer, PasswordChanged::Changed { ended_sessions: 0 });
    assert_eq!(world.password(user.id).await, Some(hash("second")));
}

pub(super) async fn an_administrator_replaces_whatever_password_there_is(world: &World) {
    let user = world.signed_up().await;
    let session = world.logged_in(&user).await;
    let answer = world
        .store()
        .change_password(change(user.id, None, "second"))
        .await
        .unwrap();
    assert_eq!(answer, PasswordChanged::Changed { ended_sessions: 1 });
    assert_eq!(world.password(user.id).await, Some(hash("second")));
    assert!(world.session(session.id).await.ended.is_some());
}

pub(super) async fn of_fifty_changes_of_one_password_one_succeeds(world: &World) {
    let user = world.signed_up().await;
    let before = world.logged().await;
    let answers = race(world, 50, |n, store| {
        let intent = change(user.id, Some(Some(hash("first"))), &format!("new-{n}"));
        async move {
            (
                intent.event.clone(),
                store.change_password(intent).await.unwrap(),
            )
        }
    })
    .await;
    let such = |a: &(_, PasswordChanged)| a.1 == PasswordChanged::Changed { ended_sessions: 0 };
    assert_eq!(count(&answers, such), 1);
    assert_eq!(count(&answers, |a| a.1 == PasswordChanged::Stale), 49);
    let winner = answers.iter().position(such).unwrap();
    assert_eq!(
        world.password(user.id).await,
        Some(hash(&format!("new-{winner}")))
    );
    world.assert_logged(&before, &[&answers[winner].0]).await;
}
