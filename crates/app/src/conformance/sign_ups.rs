//! Signing up: one account for one address, name or request, whole or not at all.

use countersign_domain::audit::Action;
use countersign_domain::id::UserId;
use countersign_domain::names::Identifier;
use countersign_domain::user::User;

use super::race::{count, race};
use super::samples::{at, event, hash, session, sign_up, token_hash, undefining, user};
use super::world::World;
use crate::ports::store::{Idempotency, RoleDeleted, SignUp, SignedUp, UserFilter};
use countersign_domain::page::PageRequest;

/// An idempotency key that is kept from second 0 to 600.
fn idempotency() -> Idempotency {
    Idempotency {
        key: token_hash(),
        request: token_hash(),
        now: at(0),
        expires_at: at(600),
    }
}

fn with_key(user: &User, key: &Idempotency) -> SignUp {
    SignUp {
        idempotency: Some(key.clone()),
        ..sign_up(user)
    }
}

async fn all_users(world: &World) -> Vec<User> {
    let request = PageRequest::forward(None, PageRequest::MAX);
    world
        .other()
        .users(&UserFilter::default(), &request)
        .await
        .unwrap()
        .items
}

pub(super) async fn a_sign_up_makes_the_user_the_password_and_the_session(world: &World) {
    let user = user();
    let session = session(&user);
    let event = event(Action::SignedUp);
    let intent = SignUp {
        by: countersign_domain::standing::By::Operator,
        user: user.clone(),
        password: Some(hash("first")),
        session: Some(session.clone()),
        idempotency: None,
        event: event.clone(),
    };
    assert_eq!(
        world.store().sign_up(intent).await.unwrap(),
        SignedUp::Created
    );

    assert_eq!(world.account(user.id).await.user, user);
    let by_email = Identifier::Email(user.email.clone().unwrap());
    let by_username = Identifier::Username(user.username.clone().unwrap());
    for identifier in [by_email, by_username] {
        let record = world
            .other()
            .login_record(&identifier)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (record.account.user, record.password),
            (user.clone(), Some(hash("first")))
        );
    }
    assert_eq!(world.password(user.id).await, Some(hash("first")));
    let (stored, account) = world.other().session(session.id).await.unwrap().unwrap();
    assert_eq!((stored, account.user), (session, user));
    assert_eq!(world.log().await, [event]);
}

pub(super) async fn what_is_not_there_is_answered_by_nothing(world: &World) {
    let stranger = user();
    let store = world.store();
    assert!(store.account(stranger.id).await.unwrap().is_none());
    assert!(
        store
            .login_record_by_id(stranger.id)
            .await
            .unwrap()
            .is_none()
    );
    let identifier = Identifier::Email(stranger.email.clone().unwrap());
    assert!(store.login_record(&identifier).await.unwrap().is_none());
    assert!(
        store
            .session(session(&stranger).id)
            .await
            .unwrap()
            .is_none()
    );
    let token = super::samples::personal_token(&stranger);
    assert!(store.personal_token(token.id).await.unwrap().is_none());
    assert_eq!(store.live_sessions(stranger.id, at(0)).await.unwrap(), []);
    assert_eq!(
        store
            .live_personal_tokens(stranger.id, at(0))
            .await
            .unwrap(),
        []
    );
    assert_eq!(store.roles().await.unwrap(), []);
    assert!(world.log().await.is_empty());
    store.ping().await.unwrap();
}

pub(super) async fn two_hundred_sign_ups_for_one_address_make_one_account(world: &World) {
    let spellings = [
        "jos\u{e9}@ex\u{e4}mple.com",
        "JOS\u{c9}@EX\u{c4}MPLE.COM",
        "jose\u{301}@xn--exmple-cua.com",
        "Jose\u{301}@Exa\u{308}mple.com",
        "\u{ff2a}\u{ff2f}\u{ff33}\u{c9}@XN--EXMPLE-CUA.com",
    ];
    let users: Vec<User> = (0..200)
        .map(|n| User {
            email: Some(spellings[n % spellings.len()].parse().unwrap()),
            ..user()
        })
        .collect();
    let answers = race(world, users.len(), |n, store| {
        let intent = sign_up(&users[n]);
        async move { store.sign_up(intent).await.unwrap() }
    })
    .await;
    assert_one_created(world, &users, &answers, &SignedUp::EmailTaken).await;
}

pub(super) async fn two_hundred_sign_ups_for_one_username_make_one_account(world: &World) {
    let spellings = [
        "ren\u{e9}e",
        "REN\u{c9}E",
        "rene\u{301}e",
        "\u{ff32}en\u{e9}e",
    ];
    let users: Vec<User> = (0..200)
        .map(|n| User {
            username: Some(spellings[n % spellings.len()].parse().unwrap()),
            ..user()
        })
        .collect();
    let answers = race(world, users.len(), |n, store| {
        let intent = sign_up(&users[n]);
        async move { store.sign_up(intent).await.unwrap() }
    })
    .await;
    assert_one_created(world, &users, &answers, &SignedUp::UsernameTaken).await;
}

async fn assert_one_created(
    world: &World,
    users: &[User],
    answers: &[SignedUp],
    refusal: &SignedUp,
) {
    assert_eq!(count(answers, |answer| *answer == SignedUp::Created), 1);
    assert_eq!(
        count(answers, |answer| answer == refusal),
        answers.len() - 1
    );
    let winner = answers
        .iter()
        .position(|answer| *answer == SignedUp::Created)
        .unwrap();
    assert_eq!(all_users(world).await, [users[winner].clone()]);
    assert_eq!(world.log().await.len(), 1);
}

pub(super) async fn one_request_sent_fifty_times_makes_one_account(world: &World) {
    let key = idempotency();
    let first = user();
    // Each attempt comes with an id of its own, as a server makes it anew for each request.
    let users: Vec<User> = (0..50)
        .map(|_| User {
            id: user().id,
            ..first.clone()
        })
        .collect();
    let answers = race(world, users.len(), |n, store| {
        let intent = with_key(&users[n], &key);
        async move { store.sign_up(intent).await.unwrap() }
    })
    .await;
    let winner = answers
        .iter()
        .position(|answer| *answer == SignedUp::Created)
        .unwrap();
    let id: UserId = users[winner].id;
    assert_eq!(count(&answers, |answer| *answer == SignedUp::Created), 1);
    assert_eq!(
        count(&answers, |answer| *answer == SignedUp::Repeated(id)),
        49
    );
    assert_eq!(all_users(world).await, [users[winner].clone()]);
    assert_eq!(world.log().await.len(), 1);
}

pub(super) async fn an_idempotency_key_stands_for_one_request(world: &World) {
    let key = idempotency();
    let first = user();
    let made = world.store().sign_up(with_key(&first, &key)).await.unwrap();
    assert_eq!(made, SignedUp::Created);
    let before = world.logged().await;

    let other_request = Idempotency {
        request: token_hash(),
        ..key.clone()
    };
    let other = user();
    let refused = world
        .other()
        .sign_up(with_key(&other, &other_request))
        .await
        .unwrap();
    assert_eq!(refused, SignedUp::KeyReused);
    assert!(world.store().account(other.id).await.unwrap().is_none());

    let repeated = world
        .other()
        .sign_up(with_key(&user(), &key))
        .await
        .unwrap();
    assert_eq!(repeated, SignedUp::Repeated(first.id));
    world.assert_logged(&before, &[]).await;
}

pub(super) async fn an_idempotency_key_is_forgotten_when_it_expires(world: &World) {
    let key = idempotency();
    let (first, second) = (user(), user());
    let made = world.store().sign_up(with_key(&first, &key)).await.unwrap();
    assert_eq!(made, SignedUp::Created);

    let last_moment = Idempotency {
        now: at(599),
        ..key.clone()
    };
    let repeated = world
        .store()
        .sign_up(with_key(&second, &last_moment))
        .await
        .unwrap();
    assert_eq!(repeated, SignedUp::Repeated(first.id));

    let later = Idempotency {
        now: at(600),
        expires_at: at(1_200),
        ..key.clone()
    };
    let made = world
        .other()
        .sign_up(with_key(&second, &later))
        .await
        .unwrap();
    assert_eq!(made, SignedUp::Created);
    let repeated = Idempotency {
        now: at(700),
        ..later
    };
    let repeated = world
        .store()
        .sign_up(with_key(&user(), &repeated))
        .await
        .unwrap();
    assert_eq!(repeated, SignedUp::Repeated(second.id));
}

pub(super) async fn a_refused_sign_up_leaves_nothing(world: &World) {
    let owner = world.signed_up().await;
    let before = world.logged().await;
    let key = idempotency();
    for (taken, refusal) in [
        (
            User {
                email: owner.email.clone(),
                ..user()
            },
            SignedUp::EmailTaken,
        ),
        (
            User {
                username: owner.username.clone(),
                ..user()
            },
            SignedUp::UsernameTaken,
        ),
    ] {
        let session = session(&taken);
        let session_id = session.id;
        let intent = SignUp {
            session: Some(session),
            ..with_key(&taken, &key)
        };
        assert_eq!(world.store().sign_up(intent).await.unwrap(), refusal);
        assert!(world.other().account(taken.id).await.unwrap().is_none());
        assert!(world.other().session(session_id).await.unwrap().is_none());
    }
    world.assert_logged(&before, &[]).await;
    assert_eq!(world.account(owner.id).await.user, owner);

    // The key was not spent on a refusal, and the half of a name that was free still is.
    let made = world
        .store()
        .sign_up(with_key(&user(), &key))
        .await
        .unwrap();
    assert_eq!(made, SignedUp::Created);
}

pub(super) async fn users_without_an_address_or_a_name_do_not_collide(world: &World) {
    for _ in 0..2 {
        let nameless = world
            .signed_up_as(User {
                username: None,
                ..user()
            })
            .await;
        let unaddressed = world
            .signed_up_as(User {
                email: None,
                ..user()
            })
            .await;
        assert_eq!(world.account(nameless.id).await.user, nameless);
        assert_eq!(world.account(unaddressed.id).await.user, unaddressed);
    }
}

pub(super) async fn a_name_is_never_a_query(world: &World) {
    let names = [
        "'or'1'='1",
        "admin'--",
        "a\"b",
        "50%",
        "a_b",
        "back\\slash",
        "$ne",
        "{\"$gt\":\"\"}",
        "[$regex]=.*",
        "a;drop",
        "`id`",
        "#hash",
        "null",
        "*",
        "?1",
    ];
    let mut users = Vec::new();
    for name in names {
        let named = User {
            username: Some(name.parse().unwrap()),
            ..user()
        };
        users.push(world.signed_up_as(named).await);
    }
    for local in ["o'hara", "50%", "$ne", "{a}", "a_b", "a*b", "?"] {
        let email = format!("{local}@example.com").parse().unwrap();
        users.push(
            world
                .signed_up_as(User {
                    email: Some(email),
                    ..user()
                })
                .await,
        );
    }
    for user in users {
        let by_username = Identifier::Username(user.username.clone().unwrap());
        let by_email = Identifier::Email(user.email.clone().unwrap());
        for identifier in [by_username, by_email] {
            let record = world
                .other()
                .login_record(&identifier)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(record.account.user, user);
        }
    }
    for stranger in ["%", "_", "user%", "user_", "a%b", "{\"$ne\":null}"] {
        let identifier = Identifier::Username(stranger.parse().unwrap());
        assert!(
            world
                .store()
                .login_record(&identifier)
                .await
                .unwrap()
                .is_none(),
            "{stranger}"
        );
    }
}

pub(super) async fn a_sign_up_with_a_role_that_is_not_there_makes_nobody(world: &World) {
    let before = world.logged().await;
    let mut stranger = user();
    stranger.roles.insert("gone".parse().unwrap());
    let answer = world.store().sign_up(sign_up(&stranger)).await.unwrap();
    assert_eq!(answer, SignedUp::UnknownRole);
    assert!(world.other().account(stranger.id).await.unwrap().is_none());
    assert_eq!(world.logged().await, before);
    // The name is free, and the built-in role needs no definition.
    stranger.roles = ["admin".parse().unwrap()].into_iter().collect();
    let answer = world.store().sign_up(sign_up(&stranger)).await.unwrap();
    assert_eq!(answer, SignedUp::Created);
}

pub(super) async fn a_sign_up_beside_the_deletion_of_its_role_gives_nobody_a_role_that_is_gone(
    world: &World,
) {
    for round in 0..10 {
        let role = world.role(&format!("role{round}"), "posts:write").await;
        let users: Vec<_> = (0..8)
            .map(|_| {
                let mut user = user();
                user.roles.insert(role.name.clone());
                user
            })
            .collect();
        let intents: Vec<_> = users.iter().map(sign_up).collect();
        let answers = race(world, 9, |n, store| {
            let (intent, name) = (intents.get(n).cloned(), role.name.clone());
            async move {
                match intent {
                    Some(intent) => Some(store.sign_up(intent).await.unwrap()),
                    None => {
                        let gone = store.delete_role(undefining(&name)).await.unwrap();
                        assert_eq!(gone, RoleDeleted::Deleted);
                        None
                    }
                }
            }
        })
        .await;
        for (user, answer) in users.iter().zip(answers) {
            let found = world.other().account(user.id).await.unwrap();
            match answer {
                Some(SignedUp::Created) => assert!(found.unwrap().user.roles.is_empty()),
                Some(SignedUp::UnknownRole) => assert!(found.is_none()),
                other => panic!("{other:?}"),
            }
        }
    }
}
