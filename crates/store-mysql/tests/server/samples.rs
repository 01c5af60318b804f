//! Values to test with. No two calls give the same id, name or address.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_app::ports::store::{DefineRole, DeleteRole, OpenSession, RotateRefresh, SignUp};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use countersign_domain::refresh::Presented;
use countersign_domain::role::{Role, RoleName};
use countersign_domain::session::{RefreshState, Session};
use countersign_domain::standing::By;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};

static NEXT: AtomicU64 = AtomicU64::new(1);

pub fn unique() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(4_102_444_800 + second)
}

fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&unique().to_be_bytes());
    bytes
}

fn secret() -> [u8; 32] {
    let mut bytes = [0xa5; 32];
    bytes[..8].copy_from_slice(&unique().to_be_bytes());
    bytes
}

pub fn token_hash() -> TokenHash {
    TokenHash::from_bytes(secret())
}

pub fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(format!("$test${text}"))
}

pub fn event(action: Action) -> AuditEvent {
    AuditEvent {
        id: EventId::from_parts(at(0), random()),
        at: at(0),
        actor: Actor::System,
        action,
        user_id: None,
        session_id: None,
        address: None,
        request_id: None,
        detail: std::collections::BTreeMap::new(),
    }
}

pub fn user() -> User {
    let n = unique();
    User {
        id: UserId::from_parts(at(0), random()),
        username: Some(format!("user{n}").parse().unwrap()),
        email: Some(format!("user{n}@example.com").parse().unwrap()),
        email_verified: false,
        display_name: None,
        state: UserState::Active,
        roles: std::collections::BTreeSet::new(),
        scopes: "a:read".parse().unwrap(),
        created_at: at(0),
        updated_at: at(0),
        version: 1,
    }
}

pub fn session(user: &User) -> Session {
    Session {
        id: SessionId::from_parts(at(0), random()),
        user_id: user.id,
        device: None,
        address: None,
        asked_scopes: None,
        audience: None,
        amr: vec!["pwd".to_owned()],
        authenticated_at: at(0),
        created_at: at(0),
        last_seen_at: at(0),
        idle_expires_at: at(3_600),
        expires_at: at(86_400),
        ended: None,
        refresh: RefreshState {
            generation: 0,
            current: token_hash(),
            previous: None,
            nonce: [0; 32],
            rotated_at: at(0),
        },
    }
}

/// The sign-up of a user with a password and a session.
pub fn sign_up(user: &User) -> SignUp {
    let session = session(user);
    let mut event = event(Action::SignedUp);
    event.user_id = Some(user.id);
    SignUp {
        by: countersign_domain::standing::By::Operator,
        user: user.clone(),
        password: Some(hash("first")),
        session: Some(session),
        idempotency: None,
        event,
    }
}

/// The opening of a session whose event names it.
pub fn opening(session: &Session) -> OpenSession {
    let mut event = event(Action::LoggedIn);
    event.user_id = Some(session.user_id);
    event.session_id = Some(session.id);
    OpenSession {
        session: session.clone(),
        proved: Some(hash("first")),
        rehash: None,
        max_sessions: 1_000,
        event,
    }
}

/// Spends the current token of a session at second `now`.
pub fn rotation(session: &Session, now: i64) -> RotateRefresh {
    let mut event = event(Action::Refreshed);
    event.session_id = Some(session.id);
    RotateRefresh {
        session_id: session.id,
        presented: Presented {
            generation: session.refresh.generation,
            hash: session.refresh.current,
        },
        successor: token_hash(),
        nonce: secret(),
        retry_window: Duration::from_secs(10),
        now: at(now),
        idle_expires_at: at(now + 3_600),
        event,
        reuse_event: self::event(Action::RefreshReused),
    }
}

pub fn defining(role: Role) -> DefineRole {
    DefineRole {
        by: By::Operator,
        role,
        event: event(Action::RoleDefined),
    }
}

pub fn undefining(name: &RoleName) -> DeleteRole {
    DeleteRole {
        by: By::Operator,
        name: name.clone(),
        event: event(Action::RoleDeleted),
    }
}
