//! Opens connections to the one file, each with the settings that the promises rest on.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::SqliteError;

/// Statements kept prepared per connection; there are fewer kinds than that.
const STATEMENTS: usize = 128;

/// Makes the file, and the folders above it, if they are not there: for their owner alone.
pub(crate) fn create_file(path: &Path) -> Result<(), SqliteError> {
    let io = |source| SqliteError::Io {
        path: path.to_owned(),
        source,
    };
    if let Some(parent) = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty() && !p.exists())
    {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(parent).map_err(io)?;
    }
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    // SQLite gives its log and index files the mode of the database.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(io)?;
    Ok(())
}

/// A connection that may write. The file must exist.
pub(crate) fn writing(path: &Path, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, busy_timeout)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // An acknowledged commit is on the disk, not in a cache (NORMAL would lose it with the power).
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The same on macOS, where a plain fsync does not reach the disk; elsewhere without effect.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // What is deleted is overwritten where that costs no further page.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    connection.pragma_update(None, "cache_size", -8000)?;
    Ok(connection)
}

/// Between two attempts to switch to the write-ahead log.
const BUSY_PAUSE: Duration = Duration::from_millis(5);

/// Sets what is kept in the file itself: the write-ahead log, so that reads go on beside writes.
/// `SQLite` does not wait by itself here for another process that does the same.
pub(crate) fn use_write_ahead_log(
    connection: &Connection,
    busy_timeout: Duration,
) -> rusqlite::Result<()> {
    let deadline = Instant::now() + busy_timeout;
    let mode: String = loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < deadline =>
            {
                std::thread::sleep(BUSY_PAUSE);
            }
            answer => break answer?,
        }
    };
    if mode == "wal" {
        Ok(())
    } else {
        let failure = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_PROTOCOL);
        Err(rusqlite::Error::SqliteFailure(failure, None))
    }
}

/// A connection that can't write.
pub(crate) fn reading(path: &Path, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, busy_timeout)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags, busy_timeout: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(busy_timeout)?;
    // Nothing that somebody wrote into the file can make it run functions or rewrite its schema.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // A prepared statement stays prepared: without this, binding a value to one that a partial index
    // might serve has it planned anew at each call.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}
