//! The embedded `SQLite` store: one file, one writer that groups concurrent writes into one durable
//! commit, and readers beside it.
//!
//! Every intent of the port is one savepoint in a transaction that took the write lock at its
//! beginning (`BEGIN IMMEDIATE`): what it reads can't change before it writes, whoever else has the
//! file open. A write is acknowledged when its commit is on the disk (write-ahead log with
//! `synchronous=FULL`). It needs a local file system with working locks; other processes may use
//! the file at the same time.

mod accounts;
mod admin;
mod audit;
mod backup;
mod cells;
mod connection;
mod error;
mod job;
mod keys;
mod metrics;
mod migrations;
mod new_users;
mod open_session;
mod options;
mod pages;
mod personal_tokens;
mod prune;
mod readers;
mod records;
mod roles;
mod rotate;
mod sessions;
mod standing;
mod store;
mod tasks;
mod user_lists;
mod users;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use backup::BackupProgress;
pub use error::SqliteError;
pub use metrics::SqliteMetrics;
pub use options::SqliteOptions;

use metrics::Counters;
use readers::Readers;
use writer::Writer;

/// The store. Dropping it does the writes that wait, and empties the write-ahead log.
pub struct SqliteStore {
    path: PathBuf,
    options: SqliteOptions,
    counters: Arc<Counters>,
    // Dropped first: a reader that is open keeps the log from being emptied.
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the database, makes it if it is not there (the file and missing folders for their
    /// owner alone), and brings its schema up to date. Blocks for some milliseconds.
    pub fn open(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, SqliteError> {
        let path = path.as_ref();
        connection::create_file(path)?;
        let mut connection = connection::writing(path, options.busy_timeout)?;
        // Before the file is touched: it may be somebody else's.
        migrations::pending(&connection, path, migrations::ALL)?;
        connection::use_write_ahead_log(&connection, options.busy_timeout)?;
        migrations::apply(&mut connection, path, migrations::ALL)?;
        Self::start(path, options, connection)
    }

    /// Opens a database that is there and leaves its schema as it is. Until it is up to date (see
    /// [`SqliteStore::migrations_pending`]) nothing else may be asked of it.
    pub fn open_existing(
        path: impl AsRef<Path>,
        options: SqliteOptions,
    ) -> Result<Self, SqliteError> {
        let path = path.as_ref();
        if !path.exists() {
            return Err(SqliteError::Missing(path.to_owned()));
        }
        let connection = connection::writing(path, options.busy_timeout)?;
        migrations::pending(&connection, path, migrations::ALL)?;
        Self::start(path, options, connection)
    }

    fn start(
        path: &Path,
        options: SqliteOptions,
        connection: rusqlite::Connection,
    ) -> Result<Self, SqliteError> {
        let counters = Arc::new(Counters::default());
        let readers = Readers::open(path, &options, Arc::clone(&counters))?;
        let writer = Writer::start(connection, &options, Arc::clone(&counters))?;
        Ok(Self {
            path: path.to_owned(),
            options,
            counters,
            readers,
            writer,
        })
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the migrations that the database lacks, in order.
    pub fn migrations_pending(&self) -> Result<Vec<String>, SqliteError> {
        pending_labels(&self.path, self.options.busy_timeout)
    }

    /// Copies the database, as it is at one moment, to a path that must be free, while it goes on
    /// being used. `report` is called about every 4 MiB.
    pub async fn backup_to(
        &self,
        to: impl AsRef<Path>,
        report: impl FnMut(BackupProgress) + Send + 'static,
    ) -> Result<(), SqliteError> {
        let (from, options) = (self.path.clone(), self.options.clone());
        let to = to.as_ref().to_owned();
        self.blocking(move || backup::copy(&from, &to, &options, report))
            .await
    }

    /// Reads the whole database and gives what is wrong with it: nothing, if all is well.
    pub async fn integrity_check(&self) -> Result<Vec<String>, SqliteError> {
        let (path, options) = (self.path.clone(), self.options.clone());
        self.blocking(move || backup::problems(&path, &options))
            .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SqliteError> + Send + 'static,
    ) -> Result<T, SqliteError> {
        let task = tokio::task::spawn_blocking(work);
        task.await.map_err(|error| SqliteError::Io {
            path: self.path.clone(),
            source: std::io::Error::other(error),
        })?
    }

    /// The store's counters at this moment.
    pub fn metrics(&self) -> SqliteMetrics {
        self.counters.snapshot()
    }
}

/// The names of the migrations that the database lacks, in order.
fn pending_labels(path: &Path, busy_timeout: Duration) -> Result<Vec<String>, SqliteError> {
    let connection = connection::reading(path, busy_timeout)?;
    let pending = migrations::pending(&connection, path, migrations::ALL)?;
    Ok(pending.iter().map(|step| step.label()).collect())
}
