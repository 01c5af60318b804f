//! Users, sessions and events to write. No two calls give the same id or name.

use countersign_app::conformance::samples;
pub use countersign_app::conformance::samples::*;
use countersign_app::ports::store::{OpenSession, RotateRefresh, SignUp};
use countersign_domain::audit::Action;
use countersign_domain::password::PasswordHash;
use countersign_domain::session::Session;
use countersign_domain::user::User;

pub fn sign_up(user: &User) -> SignUp {
    SignUp {
        by: countersign_domain::standing::By::Operator,
        user: user.clone(),
        password: Some(PasswordHash::from_stored("$test$v=1$first")),
        session: Some(session(user)),
        idempotency: None,
        event: event(Action::SignedUp),
    }
}

/// The intent to open a session.
pub fn opening(session: &Session) -> OpenSession {
    samples::opening(session, 1_000)
}

/// Spends the current token of a session.
pub fn rotation(session: &Session, second: i64) -> RotateRefresh {
    samples::rotation(session, samples::current(session), second)
}
