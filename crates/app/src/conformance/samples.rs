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
use countersign_domain::role::{Role, RoleName, RoleNames};
use countersign_domain::session::{EndReason, RefreshState, Session};
use countersign_domain::standing::By;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_token::Scopes;

use crate::ports::store::{
    DefineRole, DeleteRole, DeleteUser, EndSession, ImportUser, OpenSession, RotateRefresh, SignUp,
};

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number that no other call gives.
pub fn unique() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Second `n` of the tests' own time, which begins with the year 2100.
pub fn at(n: i64) -> Timestamp {
    Timestamp::from_seconds(4_102_444_800 + n)
}

/// Random enough: the same number never comes twice, and a later one is greater.
pub fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&unique().to_be_bytes());
    bytes
}

/// 32 bytes that no other call gives.
pub fn secret() -> [u8; 32] {
    let mut bytes = [0xa5; 32];
    bytes[..8].copy_from_slice(&unique().to_be_bytes());
    bytes
}

/// The hash of a token that no other call gives.
pub fn token_hash() -> TokenHash {
    TokenHash::from_bytes(secret())
}

/// What stands for the hash of a password.
pub fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(format!("$test$v=1${text}"))
}

/// An event at second 0.
pub fn event(action: Action) -> AuditEvent {
    event_at(action, at(0))
}

/// An event.
pub fn event_at(action: Action, at: Timestamp) -> AuditEvent {
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
pub fn user() -> User {
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
pub fn sign_up(user: &User) -> SignUp {
    SignUp {
        by: By::Operator,
        user: user.clone(),
        password: None,
        session: None,
        idempotency: None,
        event: event(Action::SignedUp),
    }
}

/// The intent to open a session, with no proof to compare.
pub fn opening(session: &Session, max_sessions: u32) -> OpenSession {
    OpenSession {
        session: session.clone(),
        proved: None,
        rehash: None,
        max_sessions,
        event: event(Action::LoggedIn),
    }
}

/// The intent to delete a user.
pub fn deleting(user_id: UserId) -> DeleteUser {
    DeleteUser {
        by: By::Operator,
        user_id,
        expected_version: None,
        event: event(Action::UserDeleted),
    }
}

/// The intent to define a role.
pub fn defining(role: &Role) -> DefineRole {
    DefineRole {
        by: By::Operator,
        role: role.clone(),
        event: event(Action::RoleDefined),
    }
}

/// The intent to delete a role.
pub fn undefining(name: &RoleName) -> DeleteRole {
    DeleteRole {
        by: By::Operator,
        name: name.clone(),
        event: event(Action::RoleDeleted),
    }
}

/// The intent to end a session a minute after its beginning.
pub fn ending(session: &Session) -> EndSession {
    EndSession {
        user_id: session.user_id,
        session_id: session.id,
        reason: EndReason::LoggedOut,
        now: at(60),
        event: event(Action::SessionEnded),
    }
}

/// The import of a user with nothing else.
pub fn import(user: &User) -> ImportUser {
    ImportUser {
        user: user.clone(),
        password: None,
        event: event(Action::UserImported),
    }
}

/// A session that begins at second 0, idles out at 3,600 and ends at 86,400.
pub fn session(user: &User) -> Session {
    session_from(user, 0)
}

/// The same that begins at second `n`.
pub fn session_from(user: &User, n: i64) -> Session {
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
pub fn current(session: &Session) -> Presented {
    Presented {
        generation: session.refresh.generation,
        hash: session.refresh.current,
    }
}

/// Spends `presented` at second `now`, with ten seconds for a retry.
pub fn rotation(session: &Session, presented: Presented, now: i64) -> RotateRefresh {
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
pub fn personal_token(user: &User) -> PersonalToken {
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
pub fn key(purpose: KeyPurpose) -> KeyRecord {
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
