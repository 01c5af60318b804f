//! The one writer. Whatever waits is taken together: one transaction, a savepoint for each change,
//! one durable commit, and only then the answers. So a commit's wait for the disk is shared by all
//! who came meanwhile, and a change that fails takes nobody with it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use crate::error::{SqliteError, store_error};
use crate::job::{Job, Work};
use crate::metrics::Counters;
use crate::options::SqliteOptions;

/// How often to ask for the write lock while another process has it.
const BUSY_POLL: Duration = Duration::from_millis(1);
/// After so long without a pause, other processes get a chance at the write lock; `SQLite` has no
/// queue for it, and who polls would never find it free.
const UNBROKEN: Duration = Duration::from_millis(100);
/// How long that chance lasts: two polls.
const PAUSE: Duration = Duration::from_millis(2);

/// The way to the writer's thread. Dropping it ends the thread, once all that waits is done.
pub(crate) struct Writer {
    sender: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    counters: Arc<Counters>,
}

impl Writer {
    /// Starts the thread, which owns `connection` from here on.
    pub fn start(
        connection: Connection,
        options: &SqliteOptions,
        counters: Arc<Counters>,
    ) -> Result<Self, SqliteError> {
        // Waiting for other processes is done here, by a finer clock than SQLite's.
        connection.busy_timeout(Duration::ZERO)?;
        connection.pragma_update(None, "wal_autocheckpoint", options.checkpoint_pages)?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        let (sender, receiver) = sync_channel(options.queue.max(1));
        let group = Group {
            connection,
            batch: options.batch.max(1),
            busy_timeout: options.busy_timeout,
            counters: Arc::clone(&counters),
        };
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || group.serve(&receiver))
            .map_err(|source| SqliteError::Io {
                path: "sqlite-writer".into(),
                source,
            })?;
        Ok(Self {
            sender: Some(sender),
            thread: Some(thread),
            counters,
        })
    }

    /// Does `change` in a transaction and answers when it is on the disk. What returns an error is
    /// undone. Does not wait for room in the queue.
    pub async fn write<T, F>(&self, change: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let stopped = || StoreError::Unavailable("the writer has stopped".to_owned());
        let sender = self.sender.as_ref().ok_or_else(stopped)?;
        self.counters.waiting.fetch_add(1, Ordering::Relaxed);
        sender
            .try_send(Box::new(Work::new(change, reply)))
            .map_err(|error| {
                self.counters.waiting.fetch_sub(1, Ordering::Relaxed);
                Counters::add(&self.counters.refused, 1);
                self.counters.activity.turned_away();
                match error {
                    TrySendError::Full(_) => {
                        StoreError::Unavailable("too many writes are waiting".to_owned())
                    }
                    TrySendError::Disconnected(_) => stopped(),
                }
            })?;
        self.counters.call();
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

/// The thread's own side.
struct Group {
    connection: Connection,
    batch: usize,
    busy_timeout: Duration,
    counters: Arc<Counters>,
}

impl Group {
    fn serve(self, receiver: &Receiver<Box<dyn Job>>) {
        let mut jobs: Vec<Box<dyn Job>> = Vec::with_capacity(self.batch);
        let mut unbroken_since = Instant::now();
        loop {
            if let Ok(job) = receiver.try_recv() {
                jobs.push(job);
                if unbroken_since.elapsed() > UNBROKEN {
                    thread::sleep(PAUSE);
                    unbroken_since = Instant::now();
                }
            } else {
                let Ok(job) = receiver.recv() else { break };
                jobs.push(job);
                unbroken_since = Instant::now();
            }
            jobs.extend(receiver.try_iter().take(self.batch - 1));
            let count = u64::try_from(jobs.len()).unwrap_or(u64::MAX);
            self.counters.waiting.fetch_sub(count, Ordering::Relaxed);
            let committed = self.commit_together(&mut jobs);
            match &committed {
                Ok(()) => Counters::add(&self.counters.commits, 1),
                Err(error) => {
                    Counters::add(&self.counters.failed_commits, 1);
                    tracing::warn!(%error, writes = count, "a commit failed");
                }
            }
            Counters::add(&self.counters.writes, count);
            self.counters.last_batch.store(count, Ordering::Relaxed);
            for job in jobs.drain(..) {
                job.answer(committed.as_ref().err());
            }
        }
        self.close();
    }

    /// INVARIANT: returns `Ok` only when the commit is durable.
    fn commit_together(&self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        self.begin()?;
        let done = self.run_all(jobs).and_then(|()| self.execute("COMMIT"));
        if done.is_err() && !self.connection.is_autocommit() {
            // If even this fails, the next BEGIN does too, and says so.
            let _ = self.execute("ROLLBACK");
        }
        done
    }

    fn run_all(&self, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        for job in jobs.iter_mut().filter(|job| !job.is_abandoned()) {
            self.execute("SAVEPOINT change")?;
            if !job.run(&self.connection) && !self.connection.is_autocommit() {
                self.execute("ROLLBACK TO change")?;
            }
            // A full disk and the like end the whole transaction, with what went before.
            if self.connection.is_autocommit() {
                let why = "a write failed and took the transaction with it";
                return Err(StoreError::Unavailable(why.to_owned()));
            }
            self.execute("RELEASE change")?;
        }
        Ok(())
    }

    fn begin(&self) -> Result<(), StoreError> {
        let deadline = Instant::now() + self.busy_timeout;
        loop {
            let begun = self
                .connection
                .prepare_cached("BEGIN IMMEDIATE")
                .and_then(|mut statement| statement.execute([]));
            match begun {
                Err(error)
                    if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                        && Instant::now() < deadline =>
                {
                    thread::sleep(BUSY_POLL);
                }
                Err(error) => return Err(store_error(&error)),
                Ok(_) => return Ok(()),
            }
        }
    }

    fn execute(&self, sql: &'static str) -> Result<(), StoreError> {
        let run = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut s| s.execute([]));
        run.map(|_| ()).map_err(|error| store_error(&error))
    }

    /// Brings the log into the database and empties it. If a reader stands in the way it stays: it
    /// is as durable as the database, and the next start reads it.
    fn close(self) {
        let _ = self.connection.execute_batch("PRAGMA optimize");
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        if let Err(error) = self.connection.query_row(checkpoint, [], |_| Ok(())) {
            tracing::warn!(error = %store_error(&error), "the write-ahead log was not emptied");
        }
    }
}

#[cfg(test)]
mod tests;
