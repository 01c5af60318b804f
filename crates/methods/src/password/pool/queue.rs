//! Who waits, who may join, and how long it would take: pure bookkeeping, without threads.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::job::Job;

/// Taken for the time of a job until one was measured.
const FIRST_GUESS: Duration = Duration::from_millis(40);

#[derive(Debug)]
pub(super) struct Queue {
    jobs: VecDeque<Box<dyn Job>>,
    limit: usize,
    threads: usize,
    busy: usize,
    mean: Duration,
    closed: bool,
}

/// Whether a job was let in.
#[must_use]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It waits.
    Queued,
    /// It would wait too long, or too many wait.
    Refused {
        /// How long it would have waited.
        wait: Duration,
    },
}

/// What a thread is to do next.
#[derive(Debug)]
pub(super) enum Next {
    Run(Box<dyn Job>),
    /// Its time ran out in the queue.
    Refuse(Box<dyn Job>, Duration),
    Wait,
    End,
}

impl Queue {
    pub(super) fn new(threads: usize, limit: usize) -> Self {
        let jobs = VecDeque::new();
        Self {
            jobs,
            limit,
            threads: threads.max(1),
            busy: 0,
            mean: FIRST_GUESS,
            closed: false,
        }
    }

    /// Lets a job in unless it would wait longer than `max_wait`.
    pub(super) fn admit(&mut self, job: Box<dyn Job>, max_wait: Duration) -> Admission {
        if self.is_over(max_wait) {
            // Those whose callers have gone cost nothing, and must not keep others out.
            self.jobs.retain(|job| job.is_wanted());
            if self.is_over(max_wait) {
                return Admission::Refused { wait: self.wait() };
            }
        }
        self.jobs.push_back(job);
        Admission::Queued
    }

    /// The next job that is still of use. The thread counts as busy if it gets one to run.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        while let Some(job) = self.jobs.pop_front() {
            if !job.is_wanted() {
                continue;
            }
            if job.deadline() < now {
                return Next::Refuse(job, self.wait());
            }
            self.busy += 1;
            return Next::Run(job);
        }
        if self.closed { Next::End } else { Next::Wait }
    }

    /// A job that [`Queue::next`] gave to run is over and took so long.
    pub(super) fn done(&mut self, took: Duration) {
        self.busy = self.busy.saturating_sub(1);
        // A moving average over about eight jobs.
        self.mean = (self.mean * 7 + took) / 8;
    }

    pub(super) fn close(&mut self) {
        self.closed = true;
        self.jobs.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn mean_time(&self) -> Duration {
        self.mean
    }

    fn is_over(&self, max_wait: Duration) -> bool {
        self.closed || self.jobs.len() >= self.limit || self.wait() > max_wait
    }

    /// How long a job that joined now would wait for a thread: those before it, and on average half
    /// of a job on each busy thread.
    fn wait(&self) -> Duration {
        let waiting = self.jobs.len();
        if waiting + self.busy < self.threads {
            return Duration::ZERO;
        }
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let ahead = self.mean.saturating_mul(count(waiting));
        let running = self.mean.saturating_mul(count(self.busy)) / 2;
        ahead.saturating_add(running) / count(self.threads)
    }
}
