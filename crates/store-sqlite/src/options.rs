//! What can be set about the store.

use std::time::Duration;

/// How the database is used. The defaults suit a server; a command-line call needs less.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// Connections for reads of single records, which happen on the calling thread.
    pub readers: usize,
    /// Connections for lists and exports, each of which takes a blocking thread.
    pub scanners: usize,
    /// How many writes may wait. One more is answered `Unavailable` at once.
    pub queue: usize,
    /// How many writes share one commit at most.
    pub batch: usize,
    /// How long a write waits for another process that is writing.
    pub busy_timeout: Duration,
    /// After how many pages (4 KiB each) the write-ahead log is brought into the database.
    pub checkpoint_pages: u32,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            scanners: 2,
            queue: 4096,
            batch: 256,
            busy_timeout: Duration::from_secs(5),
            checkpoint_pages: 4000,
        }
    }
}
