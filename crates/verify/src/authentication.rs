//! The three answers to "who calls?". A caller whose token is bad is never an anonymous caller: there
//! is no way from [`Authentication::Invalid`] to a principal or to none.

use countersign_token::Rejection;

use crate::bearer::BearerError;
use crate::principal::Principal;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
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
pub enum Refusal {
    /// It is not presented as it must be.
    #[error(transparent)]
    Bearer(#[from] BearerError),
    /// It does not verify.
    #[error(transparent)]
    Token(#[from] Rejection),
    /// Whether it verifies can't be said now: the issuer's keys could not be fetched. The token may be
    /// good, so the caller shall try again rather than log in again.
    #[error("the keys of the issuer can't be reached, try again soon")]
    KeysUnavailable,
}

impl Refusal {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bearer(error) => error.code(),
            Self::Token(rejection) => rejection.code(),
            Self::KeysUnavailable => "keys_unavailable",
        }
    }
}
