//! What can break under a use case. What is expected to happen is in the outcomes instead.

use std::time::Duration;

use countersign_domain::standing::Lost;

use crate::authenticate::InvalidBearer;
use crate::key_ring::KeyRingError;
use crate::ports::{HashingBusy, StoreError};

/// A use case could not come to an outcome.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The caller, or callers like it, came too often.
    #[error("too many attempts; try again in {} s", retry_after.as_secs().max(1))]
    Throttled {
        /// When the next attempt will be let through.
        retry_after: Duration,
    },
    /// The caller was thrown out between the beginning and the end of the call.
    #[error("the caller may not get in any more ({})", _0.code())]
    CallerLost(InvalidBearer),
    /// All hashing threads are taken.
    #[error(transparent)]
    Busy(#[from] HashingBusy),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys could not be used.
    #[error(transparent)]
    Keys(KeyRingError),
}

impl From<KeyRingError> for AppError {
    /// A store that can't give its keys is a store that can't answer, as anywhere else.
    fn from(error: KeyRingError) -> Self {
        match error {
            KeyRingError::Store(error) => Self::Store(error),
            other => Self::Keys(other),
        }
    }
}

impl From<Lost> for AppError {
    /// Who may do less than a moment ago is told to try again, which decides anew.
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Refused(refusal) => Self::CallerLost(refusal.into()),
            Lost::Gone => Self::CallerLost(InvalidBearer::Unknown),
            Lost::Authority => {
                let why = "what the caller may do was changed at the same time";
                Self::Store(StoreError::Unavailable(why.to_owned()))
            }
        }
    }
}

impl AppError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "throttled",
            Self::CallerLost(invalid) => invalid.code(),
            Self::Busy(_) => "busy",
            Self::Store(StoreError::Unavailable(_)) => "unavailable",
            Self::Store(StoreError::Corrupt(_)) | Self::Keys(_) => "internal",
        }
    }

    /// How long to wait before trying again, where that can help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after } => Some(*retry_after),
            Self::Busy(busy) => Some(busy.retry_after),
            Self::Store(StoreError::Unavailable(_)) => Some(Duration::from_secs(1)),
            Self::CallerLost(_) | Self::Store(StoreError::Corrupt(_)) | Self::Keys(_) => None,
        }
    }
}
