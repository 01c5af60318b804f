//! Importing: each user whole or not at all, and never twice.

use countersign_domain::user::{User, UserState};

use super::race::race;
use super::samples::{at, hash, import, user};
use super::world::World;
use crate::ports::store::{ImportUser, Imported};

pub(super) async fn an_import_brings_users_in_whole(world: &World) {
    let role = world.role("editor", "posts:write").await;
    let before = world.logged().await;
    let mut first = user();
    first.roles.insert(role.name.clone());
    first.scopes = "reports:read".parse().unwrap();
    first.state = UserState::Disabled;
    first.email_verified = true;
    let mut second = user();
    second
        .roles
        .insert(countersign_domain::role::RoleName::admin());
    let intents = vec![
        ImportUser {
            password: Some(hash("brought")),
            ..import(&first)
        },
        import(&second),
    ];
    let events: Vec<_> = intents.iter().map(|intent| intent.event.clone()).collect();
    let answers = world.store().import_users(intents).await.unwrap();
    assert_eq!(answers, [Imported::Created, Imported::Created]);

    let record = world
        .other()
        .login_record_by_id(first.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.account.user, first);
    assert_eq!(record.account.roles, [role]);
    assert_eq!(record.password, Some(hash("brought")));
    assert!(world.account(second.id).await.is_working_admin());
    assert_eq!(world.password(second.id).await, None);
    world
        .assert_logged(&before, &[&events[0], &events[1]])
        .await;
}

pub(super) async fn a_second_import_changes_nothing(world: &World) {
    let users = [
        user(),
        User {
            email: None,
            ..user()
        },
        User {
            username: None,
            ..user()
        },
    ];
    let once = users.iter().map(import).collect();
    assert_eq!(
        world.store().import_users(once).await.unwrap(),
        [Imported::Created; 3]
    );
    let before = world.logged().await;

    // By the same ids, whatever else is new, and by the same names under new ids.
    let by_id = users.iter().map(|user| {
        let display_name = Some("Somebody Else".parse().unwrap());
        let changed = User {
            display_name,
            updated_at: at(9),
            ..user.clone()
        };
        ImportUser {
            password: Some(hash("new")),
            ..import(&changed)
        }
    });
    let by_names = users.iter().map(|old| {
        import(&User {
            id: user().id,
            ..old.clone()
        })
    });
    let again = by_id.chain(by_names).collect();
    assert_eq!(
        world.other().import_users(again).await.unwrap(),
        [Imported::AlreadyThere; 6]
    );
    for user in users {
        assert_eq!(world.account(user.id).await.user, user);
        assert_eq!(world.password(user.id).await, None);
    }
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn an_import_says_of_each_user_why_not(world: &World) {
    let owner = world.signed_up().await;
    let before = world.logged().await;
    let good = user();
    let mut roleless = user();
    roleless.roles.insert("nowhere".parse().unwrap());
    let rows = [
        (
            User {
                email: owner.email.clone(),
                ..user()
            },
            Imported::EmailTaken,
        ),
        (
            User {
                email: owner.email.clone(),
                username: None,
                ..user()
            },
            Imported::EmailTaken,
        ),
        (good.clone(), Imported::Created),
        (
            User {
                username: owner.username.clone(),
                ..user()
            },
            Imported::UsernameTaken,
        ),
        (roleless.clone(), Imported::UnknownRole),
        (
            User {
                id: owner.id,
                ..user()
            },
            Imported::AlreadyThere,
        ),
        (good.clone(), Imported::AlreadyThere),
        (
            User {
                email: good.email.clone(),
                ..user()
            },
            Imported::EmailTaken,
        ),
    ];
    let intents: Vec<_> = rows.iter().map(|(user, _)| import(user)).collect();
    let event = intents[2].event.clone();
    let answers = world.store().import_users(intents).await.unwrap();
    assert_eq!(answers, rows.each_ref().map(|(_, answer)| *answer));
    for (user, answer) in &rows {
        if !matches!(answer, Imported::Created | Imported::AlreadyThere) {
            assert!(
                world.other().account(user.id).await.unwrap().is_none(),
                "{answer:?}"
            );
        }
    }
    assert_eq!(world.account(owner.id).await.user, owner);
    world.assert_logged(&before, &[&event]).await;
}

pub(super) async fn an_import_takes_a_thousand_users_and_answers_in_their_order(world: &World) {
    let users: Vec<User> = (0..1_000).map(|_| user()).collect();
    let odd: Vec<_> = users.iter().skip(1).step_by(2).map(import).collect();
    assert_eq!(
        world.store().import_users(odd).await.unwrap(),
        [Imported::Created; 500]
    );
    let answers = world
        .store()
        .import_users(users.iter().map(import).collect())
        .await
        .unwrap();
    for (n, answer) in answers.iter().enumerate() {
        let expected = if n % 2 == 1 {
            Imported::AlreadyThere
        } else {
            Imported::Created
        };
        assert_eq!(*answer, expected, "user {n}");
    }
    assert_eq!(answers.len(), 1_000);
    assert_eq!(world.logged().await.len(), 1_000);
}

pub(super) async fn an_import_of_nobody_is_no_error(world: &World) {
    assert_eq!(world.store().import_users(Vec::new()).await.unwrap(), []);
}

pub(super) async fn simultaneous_imports_make_each_user_once(world: &World) {
    let users: Vec<User> = (0..40).map(|_| user()).collect();
    let answers = race(world, 8, |_, store| {
        let intents = users.iter().map(import).collect();
        async move { store.import_users(intents).await.unwrap() }
    })
    .await;
    for n in 0..users.len() {
        let mut of_one = answers.iter().map(|answer| answer[n]);
        assert_eq!(
            of_one.clone().filter(|a| *a == Imported::Created).count(),
            1,
            "user {n}"
        );
        assert!(of_one.all(|a| matches!(a, Imported::Created | Imported::AlreadyThere)));
    }
    assert_eq!(world.logged().await.len(), users.len());
}
