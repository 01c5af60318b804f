//! One job in the queue: the work, who waits for it, and until when it is of use.

use std::fmt;
use std::time::{Duration, Instant};

use countersign_app::ports::HashingBusy;
use tokio::sync::oneshot;

use super::busy;
use crate::password::memory::Memory;

/// A job whatever its result.
pub(super) trait Job: Send {
    /// Whether anybody still waits for it.
    fn is_wanted(&self) -> bool;
    /// The latest moment to begin.
    fn deadline(&self) -> Instant;
    /// Does it and answers.
    fn run(self: Box<Self>, memory: &mut Memory);
    /// Answers that it was not done.
    fn refuse(self: Box<Self>, wait: Duration);
}

impl fmt::Debug for dyn Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}

pub(super) struct Task<T, W> {
    work: W,
    reply: oneshot::Sender<Result<T, HashingBusy>>,
    deadline: Instant,
}

impl<T, W> Task<T, W> {
    pub(super) fn new(
        work: W,
        reply: oneshot::Sender<Result<T, HashingBusy>>,
        deadline: Instant,
    ) -> Self {
        Self {
            work,
            reply,
            deadline,
        }
    }
}

impl<T: Send, W: FnOnce(&mut Memory) -> T + Send> Job for Task<T, W> {
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn deadline(&self) -> Instant {
        self.deadline
    }

    fn run(self: Box<Self>, memory: &mut Memory) {
        let result = (self.work)(memory);
        // The caller may be gone by now; then nobody needs the answer.
        let _ = self.reply.send(Ok(result));
    }

    fn refuse(self: Box<Self>, wait: Duration) {
        let _ = self.reply.send(Err(busy(wait)));
    }
}
