//! Changing profiles: the given parts alone, under a version, with names that stay unique.

use countersign_domain::audit::Action;
use countersign_domain::id::UserId;
use countersign_domain::names::Identifier;
use countersign_domain::user::User;

use super::race::{count, race};
use super::samples::{at, event, sign_up, user};
use super::world::World;
use crate::ports::store::{ProfileUpdated, SignedUp, UpdateProfile};

/// A change of nothing, at second 60.
pub(super) fn change(user_id: UserId) -> UpdateProfile {
    UpdateProfile {
        by: countersign_domain::standing::By::Operator,
        proved: None,
        user_id,
        expected_version: None,
        username: None,
        email: None,
        display_name: None,
        now: at(60),
        event: event(Action::ProfileUpdated),
    }
}

async fn updated(world: &World, intent: UpdateProfile) -> User {
    match world.store().update_profile(intent).await.unwrap() {
        ProfileUpdated::Updated(account) => account.user,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_profile_changes_in_the_parts_given_and_counts_its_version_up(world: &World) {
    let role = world.role("editor", "posts:write").await;
    let mut user = user();
    user.roles.insert(role.name.clone());
    user.scopes = "reports:read".parse().unwrap();
    user.email_verified = true;
    let user = world.signed_up_as(user).await;
    let before = world.logged().await;

    let intent = UpdateProfile {
        display_name: Some(Some("Jill O'Neill".parse().unwrap())),
        expected_version: Some(1),
        ..change(user.id)
    };
    let first_event = intent.event.clone();
    let expected = User {
        display_name: Some("Jill O'Neill".parse().unwrap()),
        updated_at: at(60),
        version: 2,
        ..user
    };
    match world.store().update_profile(intent).await.unwrap() {
        ProfileUpdated::Updated(account) => {
            assert_eq!(account.user, expected);
            assert_eq!(account.roles, [role]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(world.account(expected.id).await.user, expected);

    let intent = UpdateProfile {
        email: Some(Some("new@example.com".parse().unwrap())),
        username: Some(None),
        display_name: Some(None),
        ..change(expected.id)
    };
    let second_event = intent.event.clone();
    let user = updated(world, intent).await;
    assert_eq!(user.email, Some("new@example.com".parse().unwrap()));
    assert!(!user.email_verified, "nobody proved the new address yet");
    assert_eq!(
        (user.username.as_ref(), user.display_name.as_ref()),
        (None, None)
    );
    assert_eq!(user.version, 3);
    assert_eq!(world.account(user.id).await.user, user);
    world
        .assert_logged(&before, &[&first_event, &second_event])
        .await;
}

pub(super) async fn a_login_finds_the_new_names_and_not_the_old(world: &World) {
    let old = world.signed_up().await;
    let intent = UpdateProfile {
        username: Some(Some("renamed".parse().unwrap())),
        email: Some(Some("moved@example.com".parse().unwrap())),
        ..change(old.id)
    };
    let new = updated(world, intent).await;
    for (user, is_found) in [(&old, false), (&new, true)] {
        let by_email = Identifier::Email(user.email.clone().unwrap());
        let by_username = Identifier::Username(user.username.clone().unwrap());
        for identifier in [by_email, by_username] {
            let found = world.other().login_record(&identifier).await.unwrap();
            assert_eq!(found.is_some(), is_found, "{identifier:?}");
        }
    }
    // Somebody else may have the old ones now.
    let heir = User {
        username: old.username,
        email: old.email,
        ..user()
    };
    assert_eq!(
        world.other().sign_up(sign_up(&heir)).await.unwrap(),
        SignedUp::Created
    );
}

pub(super) async fn a_refused_profile_change_leaves_nothing(world: &World) {
    let user = world.signed_up().await;
    let other = world.signed_up().await;
    let before = world.logged().await;
    let display_name = Some(Some("New".parse().unwrap()));

    let stale = UpdateProfile {
        expected_version: Some(7),
        display_name,
        ..change(user.id)
    };
    let answer = world.store().update_profile(stale).await.unwrap();
    assert!(
        matches!(answer, ProfileUpdated::VersionConflict),
        "{answer:?}"
    );

    let email = UpdateProfile {
        email: Some(other.email.clone()),
        username: Some(Some("free".parse().unwrap())),
        ..change(user.id)
    };
    let answer = world.store().update_profile(email).await.unwrap();
    assert!(matches!(answer, ProfileUpdated::EmailTaken), "{answer:?}");

    let username = UpdateProfile {
        username: Some(other.username.clone()),
        email: Some(Some("free@example.com".parse().unwrap())),
        ..change(user.id)
    };
    let answer = world.store().update_profile(username).await.unwrap();
    assert!(
        matches!(answer, ProfileUpdated::UsernameTaken),
        "{answer:?}"
    );

    let neither = UpdateProfile {
        username: Some(None),
        email: Some(None),
        ..change(user.id)
    };
    let answer = world.store().update_profile(neither).await.unwrap();
    assert!(
        matches!(answer, ProfileUpdated::NoIdentifierLeft),
        "{answer:?}"
    );

    let nobody = change(super::samples::user().id);
    let answer = world.store().update_profile(nobody).await.unwrap();
    assert!(matches!(answer, ProfileUpdated::NotFound), "{answer:?}");

    assert_eq!(world.account(user.id).await.user, user);
    world.assert_logged(&before, &[]).await;
    // What a refused change asked for beside is still free.
    let mut heir = super::samples::user();
    heir.username = Some("free".parse().unwrap());
    heir.email = Some("free@example.com".parse().unwrap());
    assert_eq!(
        world.store().sign_up(sign_up(&heir)).await.unwrap(),
        SignedUp::Created
    );
}

pub(super) async fn ones_own_names_are_not_taken(world: &World) {
    let n = super::samples::unique();
    let email = format!("jill{n}@example.com").parse().unwrap();
    let user = world
        .signed_up_as(User {
            email: Some(email),
            ..user()
        })
        .await;
    let spelt: countersign_domain::email::EmailAddress =
        format!("Jill{n}@EXAMPLE.com").parse().unwrap();
    let intent = UpdateProfile {
        username: Some(user.username.clone()),
        email: Some(Some(spelt.clone())),
        ..change(user.id)
    };
    let user = updated(world, intent).await;
    assert_eq!(user.email.as_ref().unwrap().as_str(), spelt.as_str());
    assert_eq!(world.account(user.id).await.user, user);
}

pub(super) async fn fifty_changes_of_one_version_make_one_change(world: &World) {
    let user = world.signed_up().await;
    let before = world.logged().await;
    let answers = race(world, 50, |n, store| {
        let intent = UpdateProfile {
            expected_version: Some(1),
            display_name: Some(Some(format!("Name {n}").parse().unwrap())),
            ..change(user.id)
        };
        async move {
            (
                intent.event.clone(),
                store.update_profile(intent).await.unwrap(),
            )
        }
    })
    .await;
    let such = |answer: &(_, ProfileUpdated)| matches!(answer.1, ProfileUpdated::Updated(_));
    assert_eq!(count(&answers, such), 1);
    let conflicts = count(&answers, |a| matches!(a.1, ProfileUpdated::VersionConflict));
    assert_eq!(conflicts, 49);
    let (event, winner) = answers.iter().find(|a| such(a)).unwrap();
    let ProfileUpdated::Updated(winner) = winner else {
        panic!("{winner:?}")
    };
    assert_eq!(world.account(user.id).await.user, winner.user);
    world.assert_logged(&before, &[event]).await;
}

pub(super) async fn fifty_users_who_want_one_address_make_one_owner(world: &World) {
    let mut users = Vec::new();
    for _ in 0..50 {
        users.push(world.signed_up().await);
    }
    let before = world.logged().await;
    let answers = race(world, 60, |n, store| {
        let email = Some("Wanted@Example.com".parse().unwrap());
        // Some are not there yet: they sign up with it.
        let newcomer = sign_up(&User {
            email: email.clone(),
            ..user()
        });
        let intent = users.get(n).map(|u| UpdateProfile {
            email: Some(email),
            ..change(u.id)
        });
        async move {
            match intent {
                Some(intent) => match store.update_profile(intent).await.unwrap() {
                    ProfileUpdated::Updated(_) => true,
                    ProfileUpdated::EmailTaken => false,
                    other => panic!("{other:?}"),
                },
                None => match store.sign_up(newcomer).await.unwrap() {
                    SignedUp::Created => true,
                    SignedUp::EmailTaken => false,
                    other => panic!("{other:?}"),
                },
            }
        }
    })
    .await;
    assert_eq!(count(&answers, |has_it| *has_it), 1);
    assert_eq!(world.logged().await.len(), before.len() + 1);
}
