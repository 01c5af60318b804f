//! How users come in: by signing up, or from elsewhere.

use countersign_domain::audit::AuditEvent;
use countersign_domain::id::UserId;
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::PasswordHash;
use countersign_domain::session::Session;
use countersign_domain::standing::{By, Lost};
use countersign_domain::time::Timestamp;
use countersign_domain::user::User;

/// See [`Store::sign_up`](crate::ports::Store::sign_up).
#[derive(Clone, Debug)]
pub struct SignUp {
    /// On whose word.
    pub by: By,
    /// The user to make.
    pub user: User,
    /// Their password hash.
    pub password: Option<PasswordHash>,
    /// The session to open at once.
    pub session: Option<Session>,
    /// Makes a repeated call harmless.
    pub idempotency: Option<Idempotency>,
    /// The event.
    pub event: AuditEvent,
}

/// An `Idempotency-Key`, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// SHA-256 of the key the client sent.
    pub key: TokenHash,
    /// SHA-256 of the request without its password.
    pub request: TokenHash,
    /// The present moment: an expired key counts as none.
    pub now: Timestamp,
    /// When the key is forgotten.
    pub expires_at: Timestamp,
}

/// See [`Store::sign_up`](crate::ports::Store::sign_up).
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedUp {
    /// The user was made.
    Created,
    /// Somebody has the e-mail address.
    EmailTaken,
    /// Somebody has the username.
    UsernameTaken,
    /// The same request with this idempotency key made this user before.
    Repeated(UserId),
    /// The idempotency key came with another request before.
    KeyReused,
    /// A role that the user is to hold does not exist.
    UnknownRole,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::import_users`](crate::ports::Store::import_users).
#[derive(Clone, Debug)]
pub struct ImportUser {
    /// The user to make.
    pub user: User,
    /// Their password hash.
    pub password: Option<PasswordHash>,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::import_users`](crate::ports::Store::import_users).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// The user was made.
    Created,
    /// There is a user with this id, or with the same e-mail key and username, already.
    AlreadyThere,
    /// Somebody else has the e-mail address.
    EmailTaken,
    /// Somebody else has the username.
    UsernameTaken,
    /// A role that the user is to hold does not exist.
    UnknownRole,
}
