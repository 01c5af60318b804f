//! Personal access tokens: what a script logs in with. Named, scoped, expiring, revocable; the
//! secret is shown once and kept as a hash.

use countersign_token::Scopes;

use crate::id::{PersonalTokenId, UserId};
use crate::names::Label;
use crate::opaque::TokenHash;
use crate::time::Timestamp;

/// A personal access token, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonalToken {
    /// Names the token; part of its text.
    pub id: PersonalTokenId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its owner calls it.
    pub name: Label,
    /// What it may do at most: never more than its owner may do at the time.
    pub scopes: Scopes,
    /// The hash of its secret.
    pub hash: TokenHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// When it was last used, to within [`PersonalToken::USE_NOTED_EVERY`].
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl PersonalToken {
    /// Uses are noted at most this often, so that a busy script does not write at each call.
    pub const USE_NOTED_EVERY: std::time::Duration = std::time::Duration::from_hours(1);

    /// Whether the token works at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Whether a use at `now` is worth noting.
    pub fn wants_use_noted(&self, now: Timestamp) -> bool {
        self.last_used_at
            .is_none_or(|last| now.since(last) >= Self::USE_NOTED_EVERY)
    }
}
