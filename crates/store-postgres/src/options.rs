//! What can be chosen beside the address.

use std::path::PathBuf;

use countersign_app::ports::store::StoreLimits;

/// Settings of the store.
#[derive(Clone, Debug, Default)]
pub struct PostgresOptions {
    /// How many connections, and how long calls may take.
    pub limits: StoreLimits,
    /// A file of certificate authorities (PEM) in place of the public ones. Asks for TLS, unless
    /// the address says `sslmode=disable`.
    pub ca_file: Option<PathBuf>,
}
