//! What broke under a use case, as a problem. The only place that maps [`AppError`] to HTTP.

use countersign_app::AppError;
use countersign_app::ports::StoreError;

use super::{Code, Problem};

impl From<AppError> for Problem {
    /// Internals go to the log, where the request's id stands with them, and not to the client.
    fn from(error: AppError) -> Self {
        let code = match &error {
            AppError::CallerLost(invalid) => return (*invalid).into(),
            AppError::Throttled { .. } => Code::Throttled,
            AppError::Busy(_) => Code::Busy,
            AppError::Store(StoreError::Unavailable(_)) => {
                tracing::warn!(%error, "the store can't answer");
                Code::Unavailable
            }
            AppError::Store(StoreError::Corrupt(_)) | AppError::Keys(_) => {
                tracing::error!(%error, "a use case broke");
                Code::Internal
            }
        };
        Self::new(code).retry_after(error.retry_after())
    }
}
