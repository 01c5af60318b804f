//! Personal access tokens.

use countersign_domain::audit::{Action, AuditEvent};
use countersign_domain::gate::Refusal;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::user::{User, UserState};

use super::race::{count, race};
use super::samples::{at, event, personal_token};
use super::states::setting;
use super::world::World;
use crate::ports::store::{CreatePersonalToken, PersonalTokenCreated};

pub(super) fn creating(token: &PersonalToken, max_tokens: u32) -> CreatePersonalToken {
    CreatePersonalToken {
        by: countersign_domain::standing::By::Operator,
        token: token.clone(),
        max_tokens,
        event: event(Action::PersonalTokenCreated),
    }
}

fn revoking() -> AuditEvent {
    event(Action::PersonalTokenRevoked)
}

async fn created(world: &World, token: PersonalToken) -> PersonalToken {
    let answer = world
        .store()
        .create_personal_token(creating(&token, 1000))
        .await
        .unwrap();
    assert_eq!(answer, PersonalTokenCreated::Created);
    token
}

async fn stored(world: &World, token: &PersonalToken) -> PersonalToken {
    world
        .other()
        .personal_token(token.id)
        .await
        .unwrap()
        .unwrap()
        .0
}

fn from(user: &User, n: i64) -> PersonalToken {
    PersonalToken {
        created_at: at(n),
        ..personal_token(user)
    }
}

pub(super) async fn a_token_is_kept_and_found_with_its_account(world: &World) {
    let role = world.role("editor", "posts:write").await;
    let mut user = super::samples::user();
    user.roles.insert(role.name.clone());
    let user = world.signed_up_as(user).await;
    let before = world.logged().await;
    let token = personal_token(&user);
    let intent = creating(&token, 1);
    let event = intent.event.clone();
    let answer = world.store().create_personal_token(intent).await.unwrap();
    assert_eq!(answer, PersonalTokenCreated::Created);
    let (stored, account) = world
        .other()
        .personal_token(token.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (stored, account.user, account.roles),
        (token, user, vec![role])
    );
    world.assert_logged(&before, &[&event]).await;
}

pub(super) async fn the_live_tokens_of_a_user_come_newest_first(world: &World) {
    let user = world.signed_up().await;
    let stranger = world.signed_up().await;
    created(world, personal_token(&stranger)).await;
    let second = created(world, from(&user, 10)).await;
    let first = created(world, from(&user, 0)).await;
    let short = created(
        world,
        PersonalToken {
            expires_at: at(100),
            ..from(&user, 20)
        },
    )
    .await;
    let revoked = created(world, from(&user, 30)).await;
    assert!(
        world
            .store()
            .revoke_personal_token(user.id, revoked.id, at(40), revoking())
            .await
            .unwrap()
    );
    let live = async |n| {
        world
            .other()
            .live_personal_tokens(user.id, at(n))
            .await
            .unwrap()
    };
    assert_eq!(live(99).await, [short, second.clone(), first.clone()]);
    assert_eq!(live(100).await, [second, first]);
    assert_eq!(live(86_400).await, []);
}

pub(super) async fn a_user_has_no_more_tokens_than_are_allowed(world: &World) {
    let user = world.signed_up().await;
    let before = world.logged().await;
    let answers = race(world, 50, |_, store| {
        let intent = creating(&personal_token(&user), 5);
        async move { store.create_personal_token(intent).await.unwrap() }
    })
    .await;
    assert_eq!(count(&answers, |a| *a == PersonalTokenCreated::Created), 5);
    assert_eq!(count(&answers, |a| *a == PersonalTokenCreated::TooMany), 45);
    let live = world
        .other()
        .live_personal_tokens(user.id, at(1))
        .await
        .unwrap();
    assert_eq!(live.len(), 5);
    assert_eq!(world.logged().await.len(), before.len() + 5);

    // One that is revoked or has expired makes room.
    assert!(
        world
            .store()
            .revoke_personal_token(user.id, live[0].id, at(1), revoking())
            .await
            .unwrap()
    );
    for (n, expected) in [
        (2, PersonalTokenCreated::Created),
        (3, PersonalTokenCreated::TooMany),
        (86_400, PersonalTokenCreated::Created),
    ] {
        let token = PersonalToken {
            expires_at: at(90_000),
            ..from(&user, n)
        };
        let answer = world
            .store()
            .create_personal_token(creating(&token, 5))
            .await
            .unwrap();
        assert_eq!(answer, expected, "at {n}");
    }
}

pub(super) async fn a_user_who_is_shut_or_unknown_gets_no_token(world: &World) {
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
    let before = world.logged().await;
    for (user, expected) in [
        (
            disabled,
            PersonalTokenCreated::Refused(Refusal::UserDisabled),
        ),
        (locked, PersonalTokenCreated::Refused(Refusal::UserLocked)),
        (super::samples::user(), PersonalTokenCreated::NotFound),
    ] {
        let token = personal_token(&user);
        let answer = world
            .store()
            .create_personal_token(creating(&token, 5))
            .await
            .unwrap();
        assert_eq!(answer, expected);
        assert!(
            world
                .other()
                .personal_token(token.id)
                .await
                .unwrap()
                .is_none()
        );
    }
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn a_token_is_revoked_once_and_by_its_user_alone(world: &World) {
    let user = world.signed_up().await;
    let stranger = world.signed_up().await;
    let token = created(world, personal_token(&user)).await;
    let before = world.logged().await;
    let unknown = personal_token(&user);
    for (owner, id, second) in [
        (&stranger, token.id, 60),
        (&user, unknown.id, 60),
        (&user, token.id, 86_400),
    ] {
        let revoked = world
            .store()
            .revoke_personal_token(owner.id, id, at(second), revoking())
            .await;
        assert!(!revoked.unwrap());
    }
    assert_eq!(stored(world, &token).await, token);

    let answers = race(world, 50, |_, store| {
        let event = revoking();
        async move {
            let revoked = store.revoke_personal_token(user.id, token.id, at(60), event.clone());
            (revoked.await.unwrap(), event)
        }
    })
    .await;
    assert_eq!(count(&answers, |a| a.0), 1);
    let (_, event) = answers.iter().find(|a| a.0).unwrap();
    // It is still found, so that the caller can say what became of it.
    assert_eq!(stored(world, &token).await.revoked_at, Some(at(60)));
    world.assert_logged(&before, &[event]).await;
}

pub(super) async fn a_use_is_noted_once_an_hour(world: &World) {
    let user = world.signed_up().await;
    let token = created(world, personal_token(&user)).await;
    let before = world.logged().await;
    let mut noted = Vec::new();
    for (second, is_noted, last_used) in [
        (100, true, 100),
        (101, false, 100),
        (3_699, false, 100),
        (50, false, 100),
        (3_700, true, 3_700),
        (3_701, false, 3_700),
    ] {
        let event = event(Action::PersonalTokenUsed);
        let store = world.instance(noted.len());
        store
            .note_personal_token_use(token.id, at(second), event.clone())
            .await
            .unwrap();
        assert_eq!(
            stored(world, &token).await.last_used_at,
            Some(at(last_used)),
            "at {second}"
        );
        if is_noted {
            noted.push(event);
        }
    }
    let unknown = personal_token(&user).id;
    let event = event(Action::PersonalTokenUsed);
    world
        .store()
        .note_personal_token_use(unknown, at(100), event)
        .await
        .unwrap();
    world.assert_logged(&before, &[&noted[0], &noted[1]]).await;
}

pub(super) async fn fifty_uses_at_once_are_noted_once(world: &World) {
    let user = world.signed_up().await;
    let token = created(world, personal_token(&user)).await;
    let before = world.logged().await;
    race(world, 50, |_, store| {
        let event = event(Action::PersonalTokenUsed);
        async move {
            store
                .note_personal_token_use(token.id, at(100), event)
                .await
                .unwrap();
        }
    })
    .await;
    assert_eq!(stored(world, &token).await.last_used_at, Some(at(100)));
    assert_eq!(world.logged().await.len(), before.len() + 1);
}
