//! Each rule on a sample that breaks it, and none on one that does not.

use std::collections::BTreeMap;

use countersign_domain::audit::{Action, Actor};
use countersign_domain::description::Description;
use countersign_domain::id::{PersonalTokenId, SessionId};
use countersign_domain::keys::KeyRecord;
use countersign_domain::opaque::TokenHash;
use countersign_domain::role::Role;
use countersign_domain::session::RefreshState;
use countersign_domain::user::UserState;
use countersign_token::{Algorithm, Scopes};

use super::*;
use crate::ports::store_admin::IdempotencyRecord;

fn at(n: i64) -> Timestamp {
    Timestamp::from_seconds(4_102_444_800 + n)
}

fn user(n: u8) -> User {
    User {
        id: UserId::from_parts(at(0), [n; 10]),
        username: Some(format!("user{n}").parse().unwrap()),
        email: Some(format!("User{n}@example.com").parse().unwrap()),
        email_verified: false,
        display_name: None,
        state: UserState::Active,
        roles: ["editor".parse().unwrap(), RoleName::admin()].into(),
        scopes: Scopes::default(),
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    }
}

fn session(n: u8, generation: u32) -> Session {
    Session {
        id: SessionId::from_parts(at(0), [n; 10]),
        user_id: user(1).id,
        device: None,
        address: None,
        asked_scopes: None,
        audience: None,
        amr: Vec::new(),
        authenticated_at: at(0),
        created_at: at(0),
        last_seen_at: at(0),
        idle_expires_at: at(10),
        expires_at: at(20),
        ended: None,
        refresh: RefreshState {
            generation,
            current: TokenHash::from_bytes([1; 32]),
            previous: (generation > 0).then_some(TokenHash::from_bytes([2; 32])),
            nonce: [0; 32],
            rotated_at: at(0),
        },
    }
}

fn token() -> PersonalToken {
    PersonalToken {
        id: PersonalTokenId::from_parts(at(0), [1; 10]),
        user_id: user(1).id,
        name: "deploy".parse().unwrap(),
        scopes: Scopes::default(),
        hash: TokenHash::from_bytes([1; 32]),
        created_at: at(0),
        expires_at: at(10),
        last_used_at: None,
        revoked_at: None,
    }
}

fn idempotency_key() -> IdempotencyRecord {
    IdempotencyRecord {
        key: TokenHash::from_bytes([1; 32]),
        request: TokenHash::from_bytes([1; 32]),
        // Deleted long ago.
        user_id: user(99).id,
        expires_at: at(0),
    }
}

fn event() -> AuditEvent {
    AuditEvent {
        id: EventId::from_parts(at(5), [1; 10]),
        at: at(5),
        actor: Actor::System,
        action: Action::Pruned,
        user_id: None,
        session_id: None,
        address: None,
        request_id: None,
        detail: BTreeMap::new(),
    }
}

fn key(id: &str, purpose: KeyPurpose) -> KeyRecord {
    KeyRecord {
        id: id.parse().unwrap(),
        purpose,
        sealed: vec![1],
        public: None,
        created_at: at(0),
        active_from: at(0),
        retired_at: None,
        dead_from: None,
    }
}

/// One of everything, all well.
struct Sample {
    roles: Vec<Role>,
    users: Vec<User>,
    sessions: Vec<Session>,
    tokens: Vec<PersonalToken>,
    idempotency_keys: Vec<IdempotencyRecord>,
    events: Vec<AuditEvent>,
    keys: KeySet,
}

fn sample() -> Sample {
    Sample {
        roles: vec![Role {
            name: "editor".parse().unwrap(),
            description: Description::default(),
            scopes: Scopes::default(),
        }],
        users: vec![user(1), user(2)],
        sessions: vec![session(1, 0), session(2, 3)],
        tokens: vec![token()],
        idempotency_keys: vec![idempotency_key()],
        events: vec![event()],
        keys: KeySet {
            version: 1,
            keys: vec![
                key("k1", KeyPurpose::Sign(Algorithm::Es256)),
                key("k2", KeyPurpose::MarkRefresh),
            ],
        },
    }
}

fn records(sample: Sample) -> Vec<Record> {
    let mut all: Vec<Record> = Vec::new();
    all.extend(sample.roles.into_iter().map(Record::Role));
    all.extend(
        sample
            .users
            .into_iter()
            .map(|user| Record::User(user, None)),
    );
    all.extend(sample.sessions.into_iter().map(Record::Session));
    all.extend(sample.tokens.into_iter().map(Record::PersonalToken));
    let keys = sample.idempotency_keys;
    all.extend(keys.into_iter().map(Record::IdempotencyKey));
    all.extend(sample.events.into_iter().map(Record::AuditEvent));
    all.push(Record::Keys(sample.keys));
    all
}

fn codes(change: impl FnOnce(&mut Sample)) -> Vec<&'static str> {
    let mut sample = sample();
    change(&mut sample);
    let mut invariants = Invariants::default();
    for record in records(sample) {
        invariants.look_at(&record, at(1));
    }
    let found = invariants.finish().into_vec();
    found.iter().map(|finding| finding.code).collect()
}

#[test]
fn of_what_is_well_nothing_is_said() {
    assert_eq!(codes(|_| {}), Vec::<&str>::new());
    assert_eq!(Invariants::default().finish().into_vec(), []);
}

/// Breaks one thing in a sample.
type Damage<'d> = &'d dyn Fn(&mut Sample);

#[test]
fn each_damage_is_told_by_its_code() {
    let other_name = |u: &mut User| u.username = Some("other".parse().unwrap());
    let damages: [(&str, Damage); 23] = [
        ("record_twice", &|s| s.roles.push(s.roles[0].clone())),
        ("record_twice", &|s| {
            let mut again = s.users[0].clone();
            other_name(&mut again);
            again.email = None;
            s.users.push(again);
        }),
        ("record_twice", &|s| s.sessions.push(session(1, 0))),
        ("record_twice", &|s| s.tokens.push(token())),
        ("record_twice", &|s| {
            s.idempotency_keys.push(idempotency_key());
        }),
        ("record_twice", &|s| s.events.push(event())),
        ("record_twice", &|s| {
            s.keys.keys.push(key("k1", KeyPurpose::MarkRefresh));
        }),
        ("user_nameless", &|s| {
            s.users[1].username = None;
            s.users[1].email = None;
        }),
        ("username_twice", &|s| {
            s.users[1].username = s.users[0].username.clone();
        }),
        ("email_twice", &|s| {
            s.users[1].email = s.users[0].email.clone();
        }),
        ("email_key", &|s| {
            s.users[1].email = Some(EmailAddress::from_stored("a@example.com", "b@example.com"));
        }),
        ("email_form", &|s| {
            s.users[1].email = Some(EmailAddress::from_stored("no address", "no address"));
        }),
        ("role_unknown", &|s| s.roles.clear()),
        ("session_user", &|s| s.sessions[0].user_id = user(9).id),
        ("session_times", &|s| s.sessions[0].expires_at = at(-1)),
        ("session_times", &|s| s.sessions[0].idle_expires_at = at(-1)),
        ("session_refresh", &|s| {
            s.sessions[1].refresh.previous = None;
        }),
        ("session_refresh", &|s| s.sessions[1].refresh.generation = 0),
        ("session_refresh", &|s| {
            s.sessions[1].refresh.previous = Some(s.sessions[1].refresh.current);
        }),
        ("personal_token_user", &|s| s.tokens[0].user_id = user(9).id),
        ("personal_token_times", &|s| s.tokens[0].expires_at = at(-1)),
        ("event_time", &|s| s.events[0].at = at(6)),
        ("key_empty", &|s| s.keys.keys[0].sealed.clear()),
    ];
    for (place, (code, damage)) in damages.into_iter().enumerate() {
        assert_eq!(codes(damage), [code], "damage {place}");
    }
}

#[test]
fn sessions_need_an_active_key_for_each_of_their_tokens() {
    assert_eq!(
        codes(|s| s.keys.keys.clear()),
        ["no_refresh_key", "no_signing_key"]
    );
    assert_eq!(codes(|s| s.keys.keys.truncate(1)), ["no_refresh_key"]);
    assert_eq!(
        codes(|s| s.keys.keys[0].retired_at = Some(at(0))),
        ["no_signing_key"]
    );
    let not_yet = codes(|s| s.keys.keys[0].active_from = at(9));
    assert_eq!(not_yet, ["no_signing_key"]);
    let unused = codes(|s| {
        s.keys.keys.clear();
        s.sessions.clear();
    });
    assert_eq!(unused, Vec::<&str>::new());
}

#[test]
fn users_without_a_working_admin_are_worth_a_warning() {
    let codes = codes(|s| {
        s.users[0].state = UserState::Disabled;
        s.users[1].roles.clear();
    });
    assert_eq!(codes, ["no_working_admin"]);
}

#[test]
fn what_can_not_be_read_is_told_once_and_nothing_is_concluded_from_it() {
    let mut invariants = Invariants::default();
    for kind in [RecordKind::Role, RecordKind::User, RecordKind::Keys] {
        invariants.unreadable(kind, "the column state can't be read");
    }
    invariants.look_at(&Record::User(user(1), None), at(0));
    let mut stranger = session(1, 0);
    stranger.user_id = user(9).id;
    invariants.look_at(&Record::Session(stranger), at(0));
    let found = invariants.finish().into_vec();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, found[0].count), ("records_unreadable", 3));
    assert!(found[0].shown[0].contains("roles"), "{:?}", found[0].shown);
}

#[test]
fn no_sentence_shows_a_name_or_an_address() {
    let mut sample = sample();
    sample.users[1].username = sample.users[0].username.clone();
    sample.users[1].email = sample.users[0].email.clone();
    let mut invariants = Invariants::default();
    for record in records(sample) {
        invariants.look_at(&record, at(1));
    }
    for finding in invariants.finish().into_vec() {
        for line in finding.shown {
            assert!(
                !line.contains("user1") && !line.contains("example.com"),
                "{line}"
            );
        }
    }
}
