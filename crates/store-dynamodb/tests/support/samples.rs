//! Values to test with.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_app::ports::store::{
    ChangeAuthority, CreatePersonalToken, DefineRole, DeleteRole, DeleteUser, EndSession,
    EndSessions, OpenSession, RotateRefresh, SetUserState, SignUp,
};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, PersonalTokenId, SessionId, UserId};
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

static NEXT: AtomicU64 = AtomicU64::new(1);

pub fn unique() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub fn at(n: i64) -> Timestamp {
    Timestamp::from_seconds(4_102_444_800 + n)
}

fn random() -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&unique().to_be_bytes());
    bytes
}

pub fn secret() -> [u8; 32] {
    let mut bytes = [0xa5; 32];
    bytes[..8].copy_from_slice(&unique().to_be_bytes());
    bytes
}

pub fn hash(text: &str) -> PasswordHash {
    PasswordHash::from_stored(format!("$test$v=1${text}"))
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
            current: TokenHash::from_bytes(secret()),
            previous: None,
            nonce: [0; 32],
            rotated_at: at(0),
        },
    }
}

pub fn sign_up(user: &User, session: Option<&Session>) -> SignUp {
    SignUp {
        by: countersign_domain::standing::By::Operator,
        user: user.clone(),
        password: Some(hash("first")),
        session: session.cloned(),
        idempotency: None,
        event: event(Action::SignedUp),
    }
}

pub fn opening(session: &Session) -> OpenSession {
    OpenSession {
        session: session.clone(),
        proved: Some(hash("first")),
        rehash: None,
        max_sessions: 1_000,
        event: event(Action::LoggedIn),
    }
}

pub fn rotation(session: &Session, second: i64) -> RotateRefresh {
    RotateRefresh {
        session_id: session.id,
        presented: Presented {
            generation: session.refresh.generation,
            hash: session.refresh.current,
        },
        successor: TokenHash::from_bytes(secret()),
        nonce: secret(),
        retry_window: Duration::from_secs(10),
        now: at(second),
        idle_expires_at: at(second + 3_600),
        event: event(Action::Refreshed),
        reuse_event: event(Action::RefreshReused),
    }
}

pub fn token(user: &User) -> CreatePersonalToken {
    CreatePersonalToken {
        by: countersign_domain::standing::By::Operator,
        token: PersonalToken {
            id: PersonalTokenId::from_parts(at(0), random()),
            user_id: user.id,
            name: "deploy".parse().unwrap(),
            scopes: "reports:read".parse().unwrap(),
            hash: TokenHash::from_bytes(secret()),
            created_at: at(0),
            expires_at: at(86_400),
            last_used_at: None,
            revoked_at: None,
        },
        max_tokens: 1_000,
        event: event(Action::PersonalTokenCreated),
    }
}

pub fn ending(session: &Session) -> EndSession {
    EndSession {
        user_id: session.user_id,
        session_id: session.id,
        reason: EndReason::LoggedOut,
        now: at(60),
        event: event(Action::SessionEnded),
    }
}

pub fn ending_all(user: &User, keep: Option<SessionId>) -> EndSessions {
    EndSessions {
        user_id: user.id,
        keep,
        reason: EndReason::Revoked,
        now: at(60),
        event: event(Action::SessionsEnded),
    }
}

pub fn setting(user: &User, state: UserState) -> SetUserState {
    SetUserState {
        by: countersign_domain::standing::By::Operator,
        user_id: user.id,
        state,
        expected_version: None,
        now: at(60),
        event: event(Action::UserStateChanged),
    }
}

pub fn authority(user: &User) -> ChangeAuthority {
    ChangeAuthority {
        by: countersign_domain::standing::By::Operator,
        user_id: user.id,
        grant_roles: RoleNames::new(),
        revoke_roles: RoleNames::new(),
        grant_scopes: Scopes::default(),
        revoke_scopes: Scopes::default(),
        expected_version: None,
        now: at(60),
        event: event(Action::AuthorityChanged),
    }
}

pub fn deleting(user: &User) -> DeleteUser {
    DeleteUser {
        by: countersign_domain::standing::By::Operator,
        user_id: user.id,
        expected_version: None,
        event: event(Action::UserDeleted),
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
