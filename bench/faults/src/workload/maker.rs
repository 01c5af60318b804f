//! Makes what the intents are made of: users, sessions, events, all by marks.

use std::collections::BTreeMap;
use std::time::Duration;

use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::role::{RoleName, RoleNames};
use countersign_domain::session::{RefreshState, Session};
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_token::Scopes;
use uuid::Uuid;

use crate::marks;
use crate::random::Random;

/// Longer than any run, on the clock of the stores: nothing ends by itself.
pub const LONG: Duration = Duration::from_hours(24 * 3650);

/// An event about a user or a session.
pub fn event(
    random: &mut Random,
    now: Timestamp,
    action: Action,
    user: Option<Uuid>,
    session: Option<Uuid>,
) -> AuditEvent {
    AuditEvent {
        id: EventId::from_parts(now, random.id_bytes()),
        at: now,
        actor: Actor::System,
        action,
        user_id: user.map(UserId::from_uuid),
        session_id: session.map(SessionId::from_uuid),
        address: None,
        request_id: None,
        detail: BTreeMap::new(),
    }
}

/// A new user.
pub fn user(
    random: &mut Random,
    now: Timestamp,
    email: &str,
    username: Option<&str>,
    admin: bool,
) -> User {
    let mut roles = RoleNames::new();
    if admin {
        roles.insert(RoleName::admin());
    }
    User {
        id: UserId::from_parts(now, random.id_bytes()),
        username: username.and_then(|name| name.parse().ok()),
        email: email.parse().ok(),
        email_verified: false,
        display_name: None,
        state: UserState::Active,
        roles,
        scopes: Scopes::default(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

/// A new session whose first refresh token has the hash `hash`.
pub fn session(random: &mut Random, now: Timestamp, user: Uuid, hash: Uuid) -> Session {
    Session {
        id: SessionId::from_parts(now, random.id_bytes()),
        user_id: UserId::from_uuid(user),
        device: None,
        address: None,
        asked_scopes: None,
        audience: None,
        amr: vec!["pwd".to_owned()],
        authenticated_at: now,
        created_at: now,
        last_seen_at: now,
        idle_expires_at: now.plus(LONG),
        expires_at: now.plus(LONG),
        ended: None,
        refresh: RefreshState {
            generation: 0,
            current: marks::hash(hash),
            previous: None,
            nonce: [0; 32],
            rotated_at: now,
        },
    }
}
