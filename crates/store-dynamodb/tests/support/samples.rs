//! Values to test with, beside those of the conformance suite.

use std::time::Duration;

pub use countersign_app::conformance::samples::*;
use countersign_app::ports::store::{
    ChangeAuthority, ChangePassword, CreatePersonalToken, DeleteUser, EndSession, EndSessions,
    OpenSession, RotateRefresh, SetUserState, SignUp,
};
use countersign_domain::audit::Action;
use countersign_domain::id::{PersonalTokenId, SessionId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::refresh::Presented;
use countersign_domain::role::{Role, RoleNames};
use countersign_domain::session::{EndReason, Session};
use countersign_domain::user::{User, UserState};
use countersign_token::Scopes;

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

pub fn role(name: &str) -> Role {
    Role {
        name: name.parse().unwrap(),
        description: "x".repeat(200).parse().unwrap(),
        scopes: "posts:read posts:write".parse().unwrap(),
    }
}

pub fn password(user: &User) -> ChangePassword {
    ChangePassword {
        by: countersign_domain::standing::By::Operator,
        user_id: user.id,
        expected: None,
        expected_version: None,
        new: hash("second"),
        keep_session: None,
        revoke_personal_tokens: true,
        now: at(60),
        event: event(Action::PasswordChanged),
    }
}
