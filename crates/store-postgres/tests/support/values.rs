//! Users, sessions and events to write. No two calls give the same id or name.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use countersign_app::ports::store::{OpenSession, RotateRefresh, SignUp};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use countersign_domain::refresh::Presented;
use countersign_domain::role::RoleNames;
use countersign_domain::session::{RefreshState, Session};
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_token::Scopes;

/// A number that no other call in this process gives.
pub fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&unique().to_be_bytes());
    bytes
}

fn hash() -> TokenHash {
    let mut bytes = [0xa5; 32];
    bytes[..8].copy_from_slice(&unique().to_be_bytes());
    TokenHash::from_bytes(bytes)
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(4_102_444_800 + second)
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
        detail: BTreeMap::new(),
    }
}

pub fn user() -> User {
    let number = unique();
    User {
        id: UserId::from_parts(at(0), random()),
        username: Some(format!("member{number}").parse().unwrap()),
        email: Some(format!("member{number}@example.com").parse().unwrap()),
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

pub fn session(user_id: UserId) -> Session {
    Session {
        id: SessionId::from_parts(at(0), random()),
        user_id,
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
            current: hash(),
            previous: None,
            nonce: [0; 32],
            rotated_at: at(0),
        },
    }
}

pub fn sign_up(user: &User) -> SignUp {
    SignUp {
        by: countersign_domain::standing::By::Operator,
        user: user.clone(),
        password: Some(PasswordHash::from_stored("$test$v=1$first")),
        session: Some(session(user.id)),
        idempotency: None,
        event: event(Action::SignedUp),
    }
}

pub fn opening(session: &Session) -> OpenSession {
    OpenSession {
        session: session.clone(),
        proved: None,
        rehash: None,
        max_sessions: 1_000,
        event: event(Action::LoggedIn),
    }
}

/// Spends the current token of a session.
pub fn rotation(session: &Session, second: i64) -> RotateRefresh {
    RotateRefresh {
        session_id: session.id,
        presented: Presented {
            generation: session.refresh.generation,
            hash: session.refresh.current,
        },
        successor: hash(),
        nonce: [7; 32],
        retry_window: std::time::Duration::from_secs(10),
        now: at(second),
        idle_expires_at: at(second + 3_600),
        event: event(Action::Refreshed),
        reuse_event: event(Action::RefreshReused),
    }
}
