//! Personal access tokens.

use countersign_domain::audit::AuditEvent;
use countersign_domain::gate::Refusal;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::standing::{By, Lost};

/// See [`Store::create_personal_token`](crate::ports::Store::create_personal_token).
#[derive(Clone, Debug)]
pub struct CreatePersonalToken {
    /// On whose word.
    pub by: By,
    /// The token. The present moment is its `created_at`.
    pub token: PersonalToken,
    /// The most live tokens that a user may have.
    pub max_tokens: u32,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::create_personal_token`](crate::ports::Store::create_personal_token).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonalTokenCreated {
    /// It is kept.
    Created,
    /// The user has the most that are allowed.
    TooMany,
    /// The gate said no.
    Refused(Refusal),
    /// There is no such user.
    NotFound,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}
