//! Each field of each record shows in its fingerprint.

use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::audit::{Action, Actor};
use countersign_domain::id::{EventId, PersonalTokenId, SessionId, UserId};
use countersign_domain::keys::KeyPurpose;
use countersign_domain::session::EndReason;
use countersign_domain::user::UserState;
use countersign_token::Algorithm;

use super::*;

fn at(n: i64) -> Timestamp {
    Timestamp::from_seconds(4_102_444_800 + n)
}

fn id(n: u8) -> UserId {
    UserId::from_parts(at(0), [n; 10])
}

fn user() -> User {
    User {
        id: id(1),
        username: Some("ada".parse().unwrap()),
        email: Some("Ada@example.com".parse().unwrap()),
        email_verified: true,
        display_name: Some("Ada".parse().unwrap()),
        state: UserState::Active,
        roles: ["editor".parse().unwrap()].into(),
        scopes: "a:read".parse().unwrap(),
        created_at: at(1),
        updated_at: at(2),
        version: 3,
    }
}

fn session() -> Session {
    Session {
        id: SessionId::from_parts(at(0), [2; 10]),
        user_id: id(1),
        device: Some("phone".parse().unwrap()),
        address: Some("192.0.2.1".parse().unwrap()),
        asked_scopes: Some("a:read".parse().unwrap()),
        audience: Some("https://api.example.com".parse().unwrap()),
        amr: vec!["pwd".to_owned()],
        authenticated_at: at(1),
        created_at: at(2),
        last_seen_at: at(3),
        idle_expires_at: at(4),
        expires_at: at(5),
        ended: Some(Ended {
            at: at(6),
            reason: EndReason::Revoked,
        }),
        refresh: RefreshState {
            generation: 1,
            current: TokenHash::from_bytes([1; 32]),
            previous: Some(TokenHash::from_bytes([2; 32])),
            nonce: [3; 32],
            rotated_at: at(7),
        },
    }
}

fn token() -> PersonalToken {
    PersonalToken {
        id: PersonalTokenId::from_parts(at(0), [3; 10]),
        user_id: id(1),
        name: "deploy".parse().unwrap(),
        scopes: "a:read".parse().unwrap(),
        hash: TokenHash::from_bytes([4; 32]),
        created_at: at(1),
        expires_at: at(2),
        last_used_at: Some(at(3)),
        revoked_at: Some(at(4)),
    }
}

fn event() -> AuditEvent {
    AuditEvent {
        id: EventId::from_parts(at(0), [5; 10]),
        at: at(0),
        actor: Actor::User(id(1)),
        action: Action::LoggedIn,
        user_id: Some(id(1)),
        session_id: Some(SessionId::from_parts(at(0), [2; 10])),
        address: Some("192.0.2.1".parse().unwrap()),
        request_id: Some("r1".to_owned()),
        detail: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
    }
}

fn key() -> KeyRecord {
    KeyRecord {
        id: "k1".parse().unwrap(),
        purpose: KeyPurpose::Sign(Algorithm::Es256),
        sealed: vec![1, 2],
        public: Some(jwk()),
        created_at: at(1),
        active_from: at(2),
        retired_at: Some(at(3)),
        dead_from: Some(at(4)),
    }
}

fn jwk() -> countersign_token::Jwk {
    let key = countersign_token::PrivateKey::generate(Algorithm::EdDsa).unwrap();
    key.public_jwk().unwrap()
}

/// The record and others that differ from it in one field each: all must have fingerprints of their
/// own.
fn differ<T: Clone>(base: &T, record: impl Fn(T) -> Record, changes: &[&dyn Fn(&mut T)]) {
    let mut prints = BTreeSet::from([fingerprint(&record(base.clone()))]);
    for (place, change) in changes.iter().enumerate() {
        let mut other = base.clone();
        change(&mut other);
        let is_new = prints.insert(fingerprint(&record(other)));
        assert!(is_new, "change {place} does not show");
    }
}

#[test]
fn every_field_of_a_role_shows() {
    let role = Role {
        name: "editor".parse().unwrap(),
        description: "edits".parse().unwrap(),
        scopes: "a:read".parse().unwrap(),
    };
    differ(
        &role,
        Record::Role,
        &[
            &|r| r.name = "editos".parse().unwrap(),
            &|r| r.description = "edit".parse().unwrap(),
            &|r| r.scopes = Scopes::default(),
        ],
    );
}

#[test]
fn every_field_of_a_user_shows() {
    let hash = |text: &str| Some(PasswordHash::from_stored(text));
    let record = |(user, password)| Record::User(user, password);
    differ(
        &(user(), hash("x")),
        record,
        &[
            &|(u, _)| u.id = id(2),
            &|(u, _)| u.username = None,
            &|(u, _)| u.username = Some("eda".parse().unwrap()),
            &|(u, _)| u.email = None,
            &|(u, _)| {
                u.email = Some(EmailAddress::from_stored(
                    "ada@example.com",
                    "ada@example.com",
                ));
            },
            &|(u, _)| {
                u.email = Some(EmailAddress::from_stored(
                    "Ada@example.com",
                    "ada@example.con",
                ));
            },
            &|(u, _)| u.email_verified = false,
            &|(u, _)| u.display_name = None,
            &|(u, _)| u.display_name = Some("Eda".parse().unwrap()),
            &|(u, _)| u.state = UserState::Locked,
            &|(u, _)| u.roles.clear(),
            &|(u, _)| {
                u.roles.insert(RoleName::admin());
            },
            &|(u, _)| u.scopes = "a:write".parse().unwrap(),
            &|(u, _)| u.created_at = at(9),
            &|(u, _)| u.updated_at = at(9),
            &|(u, _)| u.version = 4,
            &|(_, p)| *p = None,
            &|(_, p)| *p = Some(PasswordHash::from_stored("y")),
        ],
    );
}

#[test]
fn every_field_of_a_session_shows() {
    let other = TokenHash::from_bytes([9; 32]);
    differ(
        &session(),
        Record::Session,
        &[
            &|s| s.id = SessionId::from_parts(at(0), [9; 10]),
            &|s| s.user_id = id(9),
            &|s| s.device = None,
            &|s| s.address = None,
            &|s| s.asked_scopes = None,
            &|s| s.asked_scopes = Some(Scopes::default()),
            &|s| s.audience = None,
            &|s| s.amr.push("otp".to_owned()),
            &|s| s.authenticated_at = at(9),
            &|s| s.created_at = at(9),
            &|s| s.last_seen_at = at(9),
            &|s| s.idle_expires_at = at(9),
            &|s| s.expires_at = at(9),
            &|s| s.ended = None,
            &|s| {
                s.ended = Some(Ended {
                    at: at(9),
                    reason: EndReason::Revoked,
                });
            },
            &|s| {
                s.ended = Some(Ended {
                    at: at(6),
                    reason: EndReason::Displaced,
                });
            },
            &|s| s.refresh.generation = 2,
            &|s| s.refresh.current = other,
            &|s| s.refresh.previous = None,
            &|s| s.refresh.previous = Some(other),
            &|s| s.refresh.nonce[31] = 9,
            &|s| s.refresh.rotated_at = at(9),
        ],
    );
}

#[test]
fn every_field_of_a_personal_token_shows() {
    differ(
        &token(),
        Record::PersonalToken,
        &[
            &|t| t.id = PersonalTokenId::from_parts(at(0), [9; 10]),
            &|t| t.user_id = id(9),
            &|t| t.name = "deplox".parse().unwrap(),
            &|t| t.scopes = "a:write".parse().unwrap(),
            &|t| t.hash = TokenHash::from_bytes([9; 32]),
            &|t| t.created_at = at(9),
            &|t| t.expires_at = at(9),
            &|t| t.last_used_at = None,
            &|t| t.last_used_at = Some(at(9)),
            &|t| t.revoked_at = None,
            &|t| t.revoked_at = Some(at(9)),
        ],
    );
}

#[test]
fn every_field_of_an_idempotency_key_shows() {
    let key = IdempotencyRecord {
        key: TokenHash::from_bytes([1; 32]),
        request: TokenHash::from_bytes([2; 32]),
        user_id: id(1),
        expires_at: at(1),
    };
    differ(
        &key,
        Record::IdempotencyKey,
        &[
            &|k| k.key = TokenHash::from_bytes([9; 32]),
            &|k| k.request = TokenHash::from_bytes([9; 32]),
            &|k| k.user_id = id(9),
            &|k| k.expires_at = at(9),
        ],
    );
}

#[test]
fn every_field_of_an_audit_event_shows() {
    differ(
        &event(),
        Record::AuditEvent,
        &[
            &|e| e.id = EventId::from_parts(at(0), [9; 10]),
            &|e| e.at = at(9),
            &|e| e.actor = Actor::System,
            &|e| e.actor = Actor::User(id(9)),
            &|e| e.action = Action::Refreshed,
            &|e| e.user_id = None,
            &|e| e.session_id = None,
            &|e| e.address = Some("2001:db8::1".parse().unwrap()),
            &|e| e.request_id = None,
            &|e| e.detail.clear(),
            &|e| e.detail = BTreeMap::from([("ab".to_owned(), String::new())]),
            &|e| e.detail = BTreeMap::from([("a".to_owned(), "c".to_owned())]),
        ],
    );
}

#[test]
fn every_field_of_the_keys_shows() {
    let set = KeySet {
        version: 1,
        keys: vec![key()],
    };
    differ(
        &set,
        Record::Keys,
        &[
            &|s| s.version = 2,
            &|s| s.keys.clear(),
            &|s| s.keys[0].id = "k2".parse().unwrap(),
            &|s| s.keys[0].purpose = KeyPurpose::MarkRefresh,
            &|s| s.keys[0].sealed[1] = 9,
            &|s| s.keys[0].public = None,
            &|s| s.keys[0].public = Some(jwk()),
            &|s| s.keys[0].created_at = at(9),
            &|s| s.keys[0].active_from = at(9),
            &|s| s.keys[0].retired_at = None,
            &|s| s.keys[0].dead_from = None,
        ],
    );
}

#[test]
fn the_order_in_which_an_engine_gives_the_keys_does_not_matter() {
    let other = KeyRecord {
        id: "k0".parse().unwrap(),
        ..key()
    };
    let set = |keys| Record::Keys(KeySet { version: 1, keys });
    let key = key();
    assert_eq!(
        fingerprint(&set(vec![key.clone(), other.clone()])),
        fingerprint(&set(vec![other, key]))
    );
}

#[test]
fn a_sum_knows_no_order_and_notices_what_is_there_twice() {
    let sum = |prints: &[[u8; 32]]| {
        let mut sum = Checksum::default();
        for print in prints {
            sum.add(*print);
        }
        sum
    };
    let prints = [[0xff; 32], [0x80; 32], [7; 32]];
    assert_eq!(sum(&prints), sum(&[prints[2], prints[0], prints[1]]));
    assert_ne!(sum(&prints), sum(&prints[..2]));
    // Unlike an exclusive or, a sum does not lose what comes twice.
    assert_ne!(sum(&[prints[2], prints[2]]), Checksum::default());

    let mut one = [0; 32];
    one[31] = 1;
    assert_eq!(
        sum(&[[0xff; 32], one]),
        Checksum::default(),
        "it wraps around"
    );
    let mut carried = [0; 32];
    carried[30] = 1;
    let mut all = [0; 32];
    all[31] = 0xff;
    assert_eq!(sum(&[all, one]), Checksum(carried));
    assert_eq!(sum(&[one]).to_string(), format!("{:063}1", 0));
}
