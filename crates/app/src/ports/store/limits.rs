//! How much of a database a store may use, and how long it may wait for it.

use std::time::Duration;

/// The same limits for every engine that is reached over a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// The most connections, or calls at once, of one instance.
    pub connections: u32,
    /// How long a call waits for a connection to become free or be made.
    pub acquire: Duration,
    /// How long a call may take in all, the wait for a connection included, before it is answered
    /// that the store is unavailable.
    pub call: Duration,
    /// The same for what touches many rows: imports, clearing away, copies, and checks.
    pub bulk: Duration,
}

impl Default for StoreLimits {
    /// A call that fails is answered well within two seconds.
    fn default() -> Self {
        Self {
            connections: 10,
            acquire: Duration::from_secs(1),
            call: Duration::from_millis(1_500),
            bulk: Duration::from_secs(30),
        }
    }
}
