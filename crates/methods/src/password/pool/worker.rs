//! What a hashing thread does: take a job, do it, keep its memory while there is more to do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::Shared;
use super::queue::{Next, Queue};
use crate::password::memory::Memory;

/// How long a thread without work keeps its memory.
const KEEP_MEMORY: Duration = Duration::from_millis(500);

/// Works until the pool is closed.
pub(super) fn run(shared: &Shared) {
    lower_priority();
    let mut memory = Memory::default();
    let mut has_memory = false;
    let mut queue = shared.lock();
    loop {
        match queue.next(Instant::now()) {
            Next::Run(job) => {
                drop(queue);
                let began = Instant::now();
                // A panic must cost one answer, not a thread. Its memory holds no invariants.
                if catch_unwind(AssertUnwindSafe(|| job.run(&mut memory))).is_err() {
                    tracing::error!("a hashing job panicked");
                }
                has_memory = true;
                queue = shared.lock();
                queue.done(began.elapsed());
            }
            Next::Refuse(job, wait) => {
                drop(queue);
                job.refuse(wait);
                queue = shared.lock();
            }
            Next::Wait if has_memory => {
                let (guard, timed_out) = wait_for(shared, queue);
                queue = guard;
                if timed_out {
                    drop(queue);
                    memory.free();
                    has_memory = false;
                    queue = shared.lock();
                }
            }
            Next::Wait => {
                queue = shared
                    .work_or_end
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            Next::End => return,
        }
    }
}

fn wait_for<'a>(
    shared: &'a Shared,
    queue: std::sync::MutexGuard<'a, Queue>,
) -> (std::sync::MutexGuard<'a, Queue>, bool) {
    let (guard, result) = shared
        .work_or_end
        .wait_timeout(queue, KEEP_MEMORY)
        .unwrap_or_else(PoisonError::into_inner);
    (guard, result.timed_out())
}

/// Linux keeps a niceness for each thread. Elsewhere it would be the whole process's: left alone.
#[cfg(target_os = "linux")]
fn lower_priority() {
    const NICENESS: i32 = 10;
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "the hashing threads keep their priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority() {}
