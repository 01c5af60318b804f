//! Reads, beside the writer and beside one another. Reads of one record happen on the calling
//! thread: from a cached page they take microseconds, less than handing them to another thread.
//! Lists have connections of their own and take a blocking thread each, so that no list, however
//! long, keeps a login waiting.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use crate::connection;
use crate::error::SqliteError;
use crate::metrics::Counters;
use crate::options::SqliteOptions;

/// Connections that can't write.
pub(crate) struct Readers {
    points: Pool,
    scans: Arc<Pool>,
    scan_permits: Arc<Semaphore>,
    counters: Arc<Counters>,
}

impl Readers {
    /// Opens the connections.
    pub fn open(
        path: &Path,
        options: &SqliteOptions,
        counters: Arc<Counters>,
    ) -> Result<Self, SqliteError> {
        let scanners = options.scanners.max(1);
        Ok(Self {
            points: Pool::open(path, options, options.readers.max(1))?,
            scans: Arc::new(Pool::open(path, options, scanners)?),
            scan_permits: Arc::new(Semaphore::new(scanners)),
            counters,
        })
    }

    /// Reads one record, here and now.
    pub fn point<T>(&self, read: impl FnOnce(&Connection) -> StoreResult<T>) -> StoreResult<T> {
        Counters::add(&self.counters.reads, 1);
        self.counters.call();
        read(&self.points.take())
    }

    /// Reads many records on a blocking thread.
    pub async fn scan<T, F>(&self, read: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    {
        let stopped = || StoreError::Unavailable("the store is closing".to_owned());
        let permit = Arc::clone(&self.scan_permits)
            .acquire_owned()
            .await
            .map_err(|_| stopped())?;
        Counters::add(&self.counters.reads, 1);
        self.counters.call();
        let pool = Arc::clone(&self.scans);
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            read(&pool.take())
        });
        task.await.map_err(|_| stopped())?
    }
}

/// Connections, each for one thread at a time.
struct Pool {
    connections: Box<[Mutex<Connection>]>,
    next: AtomicUsize,
}

impl Pool {
    fn open(path: &Path, options: &SqliteOptions, count: usize) -> Result<Self, SqliteError> {
        let connections = (0..count)
            .map(|_| connection::reading(path, options.busy_timeout).map(Mutex::new))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            connections,
            next: AtomicUsize::new(0),
        })
    }

    /// A free connection, or the next one to be free in turn.
    ///
    /// INVARIANT: there is at least one. A poisoned lock is taken all the same: a connection that
    /// only reads holds nothing that a panic could leave half done.
    #[expect(
        clippy::indexing_slicing,
        reason = "the index is brought into the range right before"
    )]
    fn take(&self) -> MutexGuard<'_, Connection> {
        for connection in &self.connections {
            match connection.try_lock() {
                Ok(connection) => return connection,
                Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        self.connections[turn]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
