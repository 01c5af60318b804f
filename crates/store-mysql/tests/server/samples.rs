//! Values to test with. No two calls give the same id, name or address.

use std::time::Duration;

use countersign_app::conformance::samples;
pub use countersign_app::conformance::samples::*;
use countersign_app::ports::store::{OpenSession, RotateRefresh, SignUp};
use countersign_domain::audit::Action;
use countersign_domain::refresh::Presented;
use countersign_domain::session::Session;
use countersign_domain::user::User;

pub fn user() -> User {
    User {
        scopes: "a:read".parse().unwrap(),
        ..samples::user()
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
