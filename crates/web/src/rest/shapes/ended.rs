//! The JSON form of a count of ended sessions.

use serde::Serialize;
use utoipa::ToSchema;

/// How many sessions were ended.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ended {
    /// How many.
    #[schema(example = 2)]
    pub(crate) ended_sessions: u64,
}
