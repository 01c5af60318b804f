//! Every field of every record comes back as it went in: with everything in it, with nothing in
//! it, and at the ends of its range.

use countersign_domain::session::{EndReason, Ended};
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};

use super::samples::{at, hash, personal_token, session, sign_up, token_hash, user};
use super::world::World;
use crate::ports::store::{CreatePersonalToken, PersonalTokenCreated, SignUp, SignedUp};
use countersign_domain::audit::Action;
use countersign_domain::password::PasswordHash;

const EARLIEST: Timestamp = Timestamp::from_millis(i64::MIN);
const LATEST: Timestamp = Timestamp::from_millis(i64::MAX);

/// Texts that people and attackers write.
const LABELS: [&str; 9] = [
    "a",
    "Jill O'Neill \"J\"",
    "Zo\u{eb} \u{1f469}\u{1f4bb} \u{65e5}\u{672c}\u{8a9e}",
    "\u{5d0}\u{5d1}\u{5d2} abc",
    "'; DROP TABLE users; --",
    "{\"$ne\": null}",
    "back\\slash % _ ? :a @b $c",
    "null",
    "0x00",
];

pub(super) async fn every_field_of_a_user_comes_back(world: &World) {
    world.role("editor", "posts:write").await;
    world.role("viewer", "posts:read").await;
    let states = [UserState::Active, UserState::Disabled, UserState::Locked];
    for (n, label) in LABELS.iter().enumerate() {
        let full = User {
            email_verified: n % 2 == 0,
            display_name: Some(label.parse().unwrap()),
            state: states[n % 3],
            roles: ["editor", "viewer", "admin"][..=n % 3]
                .iter()
                .map(|name| name.parse().unwrap())
                .collect(),
            scopes: "a:read https://example.com/x !#[]~".parse().unwrap(),
            created_at: if n == 0 { EARLIEST } else { at(-1) },
            updated_at: if n == 0 { LATEST } else { at(1) },
            version: if n == 0 { i64::MAX as u64 } else { 7 },
            ..user()
        };
        let full = world.signed_up_as(full).await;
        assert_eq!(world.account(full.id).await.user, full);
    }
    let longest = User {
        username: Some("\u{65e5}".repeat(64).parse().unwrap()),
        email: Some(
            format!("{}@{}.example", "l".repeat(64), "d".repeat(63))
                .parse()
                .unwrap(),
        ),
        display_name: Some("\u{1f511}".repeat(100).parse().unwrap()),
        ..user()
    };
    let longest = world.signed_up_as(longest).await;
    assert_eq!(world.account(longest.id).await.user, longest);
}

pub(super) async fn a_password_hash_comes_back_whatever_its_form(world: &World) {
    let long = "x".repeat(4_000);
    for text in [
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
        "$2b$12$abcdefghijklmnopqrstuuOe4rT1PSOzbmMpbQkO5rXl0X0v0YyGe",
        "it's \"quoted\" \\ \u{1f511} %",
        long.as_str(),
    ] {
        let user = user();
        let hash = PasswordHash::from_stored(text);
        let intent = SignUp {
            password: Some(hash.clone()),
            ..sign_up(&user)
        };
        assert_eq!(
            world.store().sign_up(intent).await.unwrap(),
            SignedUp::Created
        );
        assert_eq!(world.password(user.id).await.as_ref(), Some(&hash));
        // Compared in whole: a hash that merely begins alike is another.
        assert_ne!(
            world.password(user.id).await,
            Some(super::samples::hash("first"))
        );
    }
}

pub(super) async fn every_field_of_a_session_comes_back(world: &World) {
    let reasons = [
        EndReason::LoggedOut,
        EndReason::Revoked,
        EndReason::PasswordChanged,
        EndReason::RefreshReused,
        EndReason::Displaced,
        EndReason::UserShut,
    ];
    let addresses = [
        "192.0.2.1",
        "2001:db8::1",
        "::ffff:192.0.2.1",
        "::",
        "255.255.255.255",
    ];
    for (n, label) in LABELS.iter().enumerate() {
        let user = user();
        let mut full = session(&user);
        full.device = Some(label.parse().unwrap());
        full.address = Some(addresses[n % addresses.len()].parse().unwrap());
        full.asked_scopes = Some(["", "a:read", "a:read b:write"][n % 3].parse().unwrap());
        full.audience = Some("https://api.example.com/?a='\u{e9}".parse().unwrap());
        full.amr = ["pwd", "otp", "it's \"odd\", [too]", ""][..n % 5]
            .iter()
            .map(|method| (*method).to_owned())
            .collect();
        full.authenticated_at = at(-5);
        full.last_seen_at = at(7);
        full.ended = Some(Ended {
            at: at(8),
            reason: reasons[n % reasons.len()],
        });
        full.refresh.generation = if n == 0 { u32::MAX } else { 3 };
        full.refresh.previous = Some(token_hash());
        full.refresh.nonce = [0xff; 32];
        full.refresh.rotated_at = at(7);
        if n == 0 {
            full.created_at = EARLIEST;
            full.last_seen_at = EARLIEST;
            full.idle_expires_at = LATEST;
            full.expires_at = LATEST;
        }
        let intent = SignUp {
            session: Some(full.clone()),
            password: Some(hash("first")),
            ..sign_up(&user)
        };
        assert_eq!(
            world.store().sign_up(intent).await.unwrap(),
            SignedUp::Created
        );
        assert_eq!(world.session(full.id).await, full);
    }
}

pub(super) async fn every_field_of_a_personal_token_comes_back(world: &World) {
    let user = world.signed_up().await;
    for (n, label) in LABELS.iter().enumerate() {
        let mut full = personal_token(&user);
        full.name = label.parse().unwrap();
        full.scopes = ["", "a:read", "a:read b:write"][n % 3].parse().unwrap();
        full.expires_at = LATEST;
        full.last_used_at = (n % 2 == 0).then_some(EARLIEST);
        full.revoked_at = (n % 3 == 0).then_some(LATEST);
        let intent = CreatePersonalToken {
            by: countersign_domain::standing::By::Operator,
            token: full.clone(),
            max_tokens: u32::MAX,
            event: super::samples::event(Action::PersonalTokenCreated),
        };
        let created = world.store().create_personal_token(intent).await.unwrap();
        assert_eq!(created, PersonalTokenCreated::Created);
        let stored = world
            .other()
            .personal_token(full.id)
            .await
            .unwrap()
            .unwrap()
            .0;
        assert_eq!(stored, full);
    }
}
