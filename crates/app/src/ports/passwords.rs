//! What the use cases need done with passwords.

use std::time::Duration;

use async_trait::async_trait;
use countersign_domain::password::{Password, PasswordHash, WeakPassword};

/// Hashes, verifies and judges passwords. Hashing is slow on purpose and happens on a bounded pool.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// Judges a new password; `about` are the person's own names and addresses.
    fn assess(&self, password: &Password, about: &[&str]) -> Result<(), WeakPassword>;

    /// Hashes a new password with the present parameters.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashingBusy>;

    /// Verifies a password. With `None` (no such user) does the same work against a dummy hash and
    /// says [`Verdict::Mismatch`].
    async fn verify(
        &self,
        password: Password,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, HashingBusy>;

    /// Checks that a hash brought from elsewhere is of a kind that can be verified, and gives the
    /// form in which it is stored.
    fn accept_foreign(&self, text: &str) -> Result<PasswordHash, UnknownHash>;
}

/// What came of verifying a password.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Match {
        /// A new hash to store in place of the old one, if that was of an old kind.
        rehash: Option<PasswordHash>,
    },
    /// It is not.
    Mismatch,
}

/// All hashing threads are taken, and would stay so past the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many logins at once; try again in {} s", retry_after.as_secs().max(1))]
pub struct HashingBusy {
    /// When trying again has a chance.
    pub retry_after: Duration,
}

/// The text is no hash of a known kind, or asks for more work than is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a password hash that can be verified: {reason}")]
pub struct UnknownHash {
    /// What is wrong with it. It does not repeat the hash.
    pub reason: String,
}
