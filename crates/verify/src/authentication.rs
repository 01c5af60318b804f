//! The three answers to "who calls?". A caller whose token is bad is never an anonymous caller: there
//! is no way from [`Authentication::Invalid`] to a principal or to none.

use countersign_token::Rejection;

use crate::bearer::BearerError;
use crate::principal::Principal;

/// Who calls.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Authentication {
    /// Nobody in particular: the request presents no token.
    Absent,
    /// This caller.
    Valid(Principal),
    /// The request presents a token that can't be accepted. Answer it with the [`crate::Challenge`].
    Invalid(Refusal),
}

/// Why a token is not accepted. Safe to show: it never holds what the token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is not presented as it must be.
    #[error(transparent)]
    Bearer(#[from] BearerError),
    /// It does not verify.
    #[error(transparent)]
    Token(#[from] Rejection),
    /// It verifies and was revoked all the same (see [`crate::Revocation`]).
    #[error("the token was revoked")]
    Revoked,
    /// It is opaque, and its issuer says that it is not active (RFC 7662 §2.2).
    #[error("the token is not active")]
    Inactive,
    /// Whether it verifies can't be said now: the issuer's keys could not be fetched. The token may be
    /// good, so the caller shall try again rather than log in again.
    #[error("the keys of the issuer can't be reached, try again soon")]
    KeysUnavailable,
    /// Whether it was revoked can't be said now (see [`crate::StandingUnknown`]).
    #[error("whether the token was revoked can't be told, try again soon")]
    StandingUnknown,
    /// Whether it is active can't be said now: the issuer could not be asked about it.
    #[error("the issuer can't be asked about the token, try again soon")]
    IntrospectionUnavailable,
}

impl Refusal {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bearer(error) => error.code(),
            Self::Token(rejection) => rejection.code(),
            Self::Revoked => "revoked",
            Self::Inactive => "inactive_token",
            Self::KeysUnavailable => "keys_unavailable",
            Self::StandingUnknown => "standing_unknown",
            Self::IntrospectionUnavailable => "introspection_unavailable",
        }
    }

    /// Whether the token may be good and only can't be judged now: answered 503, not 401, so that nobody
    /// has to log in again for an outage.
    pub const fn is_temporary(self) -> bool {
        match self {
            Self::KeysUnavailable | Self::StandingUnknown | Self::IntrospectionUnavailable => true,
            Self::Bearer(_) | Self::Token(_) | Self::Revoked | Self::Inactive => false,
        }
    }
}
