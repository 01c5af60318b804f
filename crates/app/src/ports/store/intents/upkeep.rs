//! What an instance does by itself: keys, turns at tasks, clearing away.

use std::time::Duration;

use countersign_domain::audit::AuditEvent;
use countersign_domain::keys::KeyRecord;
use countersign_domain::time::Timestamp;
use countersign_token::KeyId;

/// See [`Store::change_keys`](crate::ports::Store::change_keys).
#[derive(Clone, Debug)]
pub struct ChangeKeys {
    /// The version that the change was planned on.
    pub expected_version: u64,
    /// Keys to keep.
    pub add: Vec<KeyRecord>,
    /// Keys to retire: which, when, and when they are dead.
    pub retire: Vec<(KeyId, Timestamp, Timestamp)>,
    /// Keys to delete.
    pub remove: Vec<KeyId>,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::change_keys`](crate::ports::Store::change_keys).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysChanged {
    /// They are changed.
    Changed,
    /// Another change came between.
    Stale,
}

/// See [`Store::claim_task`](crate::ports::Store::claim_task).
#[derive(Clone, Copy, Debug)]
pub struct ClaimTask {
    /// Names the task.
    pub task: &'static str,
    /// The present moment.
    pub now: Timestamp,
    /// How often the task is due.
    pub every: Duration,
}

/// See [`Store::prune`](crate::ports::Store::prune).
#[derive(Clone, Debug)]
pub struct Prune {
    /// What ended or expired before this goes.
    pub before: Timestamp,
    /// Audit events older than this go; `None` keeps them all.
    pub audit_before: Option<Timestamp>,
    /// How many of each at most.
    pub limit: u32,
    /// The event.
    pub event: AuditEvent,
}

/// See [`Store::prune`](crate::ports::Store::prune).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many sessions went.
    pub sessions: u64,
    /// How many personal access tokens went.
    pub personal_tokens: u64,
    /// How many idempotency keys went.
    pub idempotency_keys: u64,
    /// How many audit events went.
    pub audit_events: u64,
}
