//! What can be set about the store beside its address.

use std::path::PathBuf;

use countersign_app::ports::store::StoreLimits;

/// How the service is used.
#[derive(Clone, Debug, Default)]
pub struct DynamoDbOptions {
    /// How much of it, and how long a call may take. `connections` bounds the calls that are under
    /// way at once.
    pub limits: StoreLimits,
    /// Certificate authorities (PEM) that are trusted in place of the system's.
    pub ca_file: Option<PathBuf>,
}
