//! Deleting users: everything of theirs goes, and the log stays.

use countersign_domain::audit::Action;
use countersign_domain::names::Identifier;

use super::race::{count, race};
use super::samples::{
    at, current, deleting, ending, event, opening, personal_token, rotation, session, sign_up, user,
};
use super::world::World;
use crate::ports::store::{
    AuditFilter, CreatePersonalToken, DeleteUser, PersonalTokenCreated, Rotated, SessionEnded,
    SessionOpened, SignedUp, UserDeleted,
};
use countersign_domain::page::PageRequest;

pub(super) async fn a_deleted_user_is_gone_with_all_that_is_theirs(world: &World) {
    let role = world.role("editor", "posts:write").await;
    let mut user = user();
    user.roles.insert(role.name);
    let user = world.signed_up_as(user).await;
    let session = world.logged_in(&user).await;
    let token = personal_token(&user);
    let intent = CreatePersonalToken {
        by: countersign_domain::standing::By::Operator,
        token: token.clone(),
        max_tokens: 5,
        event: event(Action::PersonalTokenCreated),
    };
    let created = world.store().create_personal_token(intent).await.unwrap();
    assert_eq!(created, PersonalTokenCreated::Created);
    let before = world.logged().await;

    let mut event = event(Action::UserDeleted);
    event.user_id = Some(user.id);
    let deleted = world
        .store()
        .delete_user(DeleteUser {
            event: event.clone(),
            ..deleting(user.id)
        })
        .await
        .unwrap();
    assert_eq!(deleted, UserDeleted::Deleted);

    let store = world.other();
    assert!(store.account(user.id).await.unwrap().is_none());
    assert!(store.login_record_by_id(user.id).await.unwrap().is_none());
    let by_email = Identifier::Email(user.email.clone().unwrap());
    assert!(store.login_record(&by_email).await.unwrap().is_none());
    let by_username = Identifier::Username(user.username.clone().unwrap());
    assert!(store.login_record(&by_username).await.unwrap().is_none());
    assert!(store.session(session.id).await.unwrap().is_none());
    assert!(store.personal_token(token.id).await.unwrap().is_none());
    assert_eq!(store.live_sessions(user.id, at(1)).await.unwrap(), []);
    assert_eq!(
        store.live_personal_tokens(user.id, at(1)).await.unwrap(),
        []
    );
    world.assert_logged(&before, &[&event]).await;
    let filter = AuditFilter {
        user_id: Some(user.id),
        ..AuditFilter::default()
    };
    let page = store
        .audit_events(&filter, &PageRequest::forward(None, 10))
        .await
        .unwrap();
    assert_eq!(page.items, [event]);

    // Their names are free for others.
    let mut heir = super::samples::user();
    heir.username = user.username;
    heir.email = user.email;
    assert_eq!(
        store.sign_up(sign_up(&heir)).await.unwrap(),
        SignedUp::Created
    );
    assert!(world.account(heir.id).await.user.roles.is_empty());
}

pub(super) async fn nothing_can_be_done_for_a_deleted_user(world: &World) {
    let user = world.signed_up().await;
    let old = world.logged_in(&user).await;
    let deleted = world.store().delete_user(deleting(user.id)).await.unwrap();
    assert_eq!(deleted, UserDeleted::Deleted);
    let before = world.logged().await;

    let store = world.other();
    let opened = store
        .open_session(opening(&session(&user), 5))
        .await
        .unwrap();
    assert!(matches!(opened, SessionOpened::Stale), "{opened:?}");
    let rotated = store
        .rotate(rotation(&old, current(&old), 60))
        .await
        .unwrap();
    assert!(matches!(rotated, Rotated::Unknown), "{rotated:?}");
    assert_eq!(
        store.end_session(ending(&old)).await.unwrap(),
        SessionEnded::NotFound
    );
    let token = CreatePersonalToken {
        by: countersign_domain::standing::By::Operator,
        token: personal_token(&user),
        max_tokens: 5,
        event: event(Action::PersonalTokenCreated),
    };
    let created = store.create_personal_token(token).await.unwrap();
    assert_eq!(created, PersonalTokenCreated::NotFound);
    let again = store.delete_user(deleting(user.id)).await.unwrap();
    assert_eq!(again, UserDeleted::NotFound);
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn of_fifty_deletions_of_one_user_one_deletes(world: &World) {
    let user = world.signed_up().await;
    let before = world.logged().await;
    let answers = race(world, 50, |_, store| {
        let event = event(Action::UserDeleted);
        async move {
            store
                .delete_user(DeleteUser {
                    event,
                    ..deleting(user.id)
                })
                .await
                .unwrap()
        }
    })
    .await;
    assert_eq!(count(&answers, |answer| *answer == UserDeleted::Deleted), 1);
    assert_eq!(
        count(&answers, |answer| *answer == UserDeleted::NotFound),
        49
    );
    assert_eq!(world.logged().await.len(), before.len() + 1);
}

pub(super) async fn a_login_beside_a_deletion_leaves_no_orphan(world: &World) {
    let user = world.signed_up().await;
    let sessions: Vec<_> = (0..49).map(|_| session(&user)).collect();
    race(world, 50, |n, store| {
        let login = sessions.get(n).map(|session| opening(session, 100));
        async move {
            match login {
                Some(login) => {
                    let opened = store.open_session(login).await.unwrap();
                    let fits =
                        matches!(opened, SessionOpened::Opened { .. } | SessionOpened::Stale);
                    assert!(fits, "{opened:?}");
                }
                None => {
                    let deleted = store.delete_user(deleting(user.id)).await;
                    assert_eq!(deleted.unwrap(), UserDeleted::Deleted);
                }
            }
        }
    })
    .await;
    for session in sessions {
        assert!(world.other().session(session.id).await.unwrap().is_none());
    }
    assert_eq!(
        world.other().live_sessions(user.id, at(1)).await.unwrap(),
        []
    );
}
