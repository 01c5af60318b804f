//! Values to test with. No two calls give the same id, name or address. Times lie far ahead, so that
//! an engine that clears away by its own clock what has expired has no cause to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, PersonalTokenId, SessionId, UserId};
use countersign_domain::keys::{KeyPurpose, KeyRecord};
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::refresh::Presented;
use countersign_domain::role::RoleNames;
use countersign_domain::session::{RefreshState, Session};
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_token::Scopes;

use crate::ports::store::{ImportUser, RotateRefresh, SignUp};

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number that no other call gives.
pub(super) fn unique() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Second `n` of the tests' own time, which begins with the year 2100.
pub(super) fn at(n: i64) -> Timestamp {
    Timestamp::from_seconds(4_102_444_800 + n)
}

/// Random enough: the same number never comes twice, and a later one is greater.
pub(super) fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&unique().to_be_bytes());
    bytes
}

/// 32 bytes that no other call gives.
pub(super) fn secret() -> [u8; 32] {
    let mut bytes = [0xa5; 32];
    bytes[..8].copy_from_slice(&unique().to_be_bytes());
    bytes
}

pub(super) fn token_hash() -> TokenHash {
    TokenHash::from_bytes(secret())
}

pub(super) fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(format!("$test$v=1${text}"))
}

pub(super) fn event(action: Action) -> AuditEvent {
    event_at(action, at(0))
}

pub(super) fn event_at(action: Action, at: Timestamp) -> AuditEvent {
    AuditEvent {
        id: EventId::from_parts(at, random()),
        at,
        actor: Actor::System,
        action,
        user_id: None,
        session_id: None,
        address: None,
        request_id: None,
        detail: BTreeMap::new(),
    }
}

/// An active user with a name and an address.
pub(super) fn user() -> User {
    let n = unique();
    User {
        id: UserId::from_parts(at(0), random()),
        username: Some(format!("user{n}").parse().unwrap()),
        email: Some(format!("user{n}@example.com").parse().unwrap()),
        email_verified: false,
        display_name: None,
        state: UserState::Active,
        roles: RoleNames::new(),
        scopes: Scopes::default(),
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    }
}

/// The sign-up of a user with nothing else.
pub(super) fn sign_up(user: &User) -> SignUp {
    SignUp {
        by: countersign_domain::standing::By::Operator,
        user: user.clone(),
        password: None,
        session: None,
        idempotency: None,
        event: event(Action::SignedUp),
    }
}

/// The import of a user with nothing else.
pub(super) fn import(user: &User) -> ImportUser {
    ImportUser {
        user: user.clone(),
        password: None,
        event: event(Action::UserImported),
    }
}

/// A session that begins at second 0, idles out at 3,600 and ends at 86,400.
pub(super) fn session(user: &User) -> Session {
    session_from(user, 0)
}

/// The same that begins at second `n`.
pub(super) fn session_from(user: &User, n: i64) -> Session {
    Session {
        id: SessionId::from_parts(at(n), random()),
        user_id: user.id,
        device: None,
        address: None,
        asked_scopes: None,
        audience: None,
        amr: vec!["pwd".to_owned()],
        authenticated_at: at(n),
        created_at: at(n),
        last_seen_at: at(n),
        idle_expires_at: at(n + 3_600),
        expires_at: at(n + 86_400),
        ended: None,
        refresh: RefreshState {
            generation: 0,
            current: token_hash(),
            previous: None,
            nonce: [0; 32],
            rotated_at: at(n),
        },
    }
}

/// The current refresh token of a session.
pub(super) fn current(session: &Session) -> Presented {
    Presented {
        generation: session.refresh.generation,
        hash: session.refresh.current,
    }
}

/// Spends `presented` at second `now`, with ten seconds for a retry.
pub(super) fn rotation(session: &Session, presented: Presented, now: i64) -> RotateRefresh {
    RotateRefresh {
        session_id: session.id,
        presented,
        successor: token_hash(),
        nonce: secret(),
        retry_window: Duration::from_secs(10),
        now: at(now),
        idle_expires_at: at(now + 3_600),
        event: event(Action::Refreshed),
        reuse_event: event(Action::RefreshReused),
    }
}

/// A personal access token from second 0 to 86,400.
pub(super) fn personal_token(user: &User) -> PersonalToken {
    PersonalToken {
        id: PersonalTokenId::from_parts(at(0), random()),
        user_id: user.id,
        name: "deploy".parse().unwrap(),
        scopes: "reports:read".parse().unwrap(),
        hash: token_hash(),
        created_at: at(0),
        expires_at: at(86_400),
        last_used_at: None,
        revoked_at: None,
    }
}

/// A key, made at second 0.
pub(super) fn key(purpose: KeyPurpose) -> KeyRecord {
    KeyRecord {
        id: format!("key-{}", unique()).parse().unwrap(),
        purpose,
        sealed: secret().to_vec(),
        public: None,
        created_at: at(0),
        active_from: at(0),
        retired_at: None,
        dead_from: None,
    }
}
