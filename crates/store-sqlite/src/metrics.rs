//! What the store counts about itself, for whoever publishes metrics.

use std::sync::atomic::{AtomicU64, Ordering};

use countersign_app::ports::store::ActivityCounter;

/// The counters, shared with the writer.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub waiting: AtomicU64,
    pub last_batch: AtomicU64,
    pub writes: AtomicU64,
    pub reads: AtomicU64,
    pub commits: AtomicU64,
    pub failed_commits: AtomicU64,
    pub refused: AtomicU64,
    pub activity: ActivityCounter,
}

impl Counters {
    pub fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }

    /// One more read or write begins. The connections are made when the store is.
    pub fn call(&self) {
        self.activity.connection(false);
        self.activity.round_trip();
    }

    pub fn snapshot(&self) -> SqliteMetrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        SqliteMetrics {
            queue_depth: read(&self.waiting),
            last_batch: read(&self.last_batch),
            writes: read(&self.writes),
            reads: read(&self.reads),
            commits: read(&self.commits),
            failed_commits: read(&self.failed_commits),
            refused: read(&self.refused),
        }
    }
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SqliteMetrics {
    /// Writes that wait for the writer now.
    pub queue_depth: u64,
    /// Writes in the last commit.
    pub last_batch: u64,
    /// Writes done since the start, those that changed nothing included: one round trip each.
    pub writes: u64,
    /// Reads done since the start: one round trip each.
    pub reads: u64,
    /// Commits since the start.
    pub commits: u64,
    /// Commits, or beginnings of one, that failed.
    pub failed_commits: u64,
    /// Writes turned away because too many were waiting.
    pub refused: u64,
}
