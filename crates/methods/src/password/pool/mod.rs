//! A fixed number of threads that hash, and a queue of bounded length before them.
//!
//! Hashing takes tens of milliseconds of a core on purpose, so it must neither run on the threads
//! that answer requests nor pile up: a job that would wait past the longest wait is refused at
//! once, and one whose caller has gone, or whose time ran out in the queue, is dropped unworked.
//! The threads run at a lower priority, so that checking tokens keeps its speed meanwhile.

mod job;
mod queue;
mod worker;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use countersign_app::ports::HashingBusy;
use tokio::sync::oneshot;

use super::memory::Memory;
use job::Task;
use queue::{Admission, Queue};

/// The threads and their queue. Dropping it ends the threads after the jobs they are at.
#[derive(Debug)]
pub(super) struct Pool {
    shared: Arc<Shared>,
    max_wait: Duration,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    work_or_end: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing that can panic runs under the lock.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    /// Starts the threads. Fails if the system gives none.
    pub(super) fn start(
        threads: usize,
        queue_limit: usize,
        max_wait: Duration,
    ) -> std::io::Result<Self> {
        let queue = Mutex::new(Queue::new(threads, queue_limit));
        let shared = Arc::new(Shared {
            queue,
            work_or_end: Condvar::new(),
        });
        // If a thread can't be started, dropping the pool ends those before it.
        let pool = Self {
            shared: Arc::clone(&shared),
            max_wait,
        };
        for number in 0..threads {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name(format!("hashing-{number}"))
                .spawn(move || worker::run(&shared))?;
        }
        Ok(pool)
    }

    /// Runs `work` on one of the threads, or refuses at once. If the caller drops the future
    /// before the job is begun, it is never run.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, HashingBusy> {
        let (reply, answer) = oneshot::channel();
        let deadline = Instant::now() + self.max_wait;
        let task = Task::new(work, reply, deadline);
        match self.shared.lock().admit(Box::new(task), self.max_wait) {
            Admission::Queued => self.shared.work_or_end.notify_one(),
            Admission::Refused { wait } => return Err(busy(wait)),
        }
        answer.await.unwrap_or_else(|_| {
            tracing::error!("a hashing job ended without an answer");
            Err(busy(Duration::ZERO))
        })
    }

    /// How many jobs wait.
    pub(super) fn depth(&self) -> usize {
        self.shared.lock().len()
    }

    /// What one job takes, on average over the latest.
    pub(super) fn mean_time(&self) -> Duration {
        self.shared.lock().mean_time()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().close();
        self.shared.work_or_end.notify_all();
    }
}

/// Who is refused may try again when the present queue is worked off, and not within a second.
fn busy(wait: Duration) -> HashingBusy {
    HashingBusy {
        retry_after: wait.max(Duration::from_secs(1)),
    }
}

#[cfg(test)]
mod tests;
