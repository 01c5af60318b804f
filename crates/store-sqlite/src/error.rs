//! What can go wrong with the file, and how it reaches the port: what may pass by itself is
//! `Unavailable`, the rest `Corrupt`. No message carries what a row holds.

use std::path::PathBuf;

use countersign_app::ports::StoreError;
use countersign_app::schema::SchemaError;
use rusqlite::ErrorCode;

/// The database could not be opened, migrated, copied or checked.
#[derive(Debug, thiserror::Error)]
pub enum SqliteError {
    /// The operating system refused.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no database there.
    #[error("there is no database at {}: start the server once, or run `countersign migrate`", .0.display())]
    Missing(PathBuf),
    /// The file holds tables, but not ours.
    #[error("{} is a database of another program: choose another path", .0.display())]
    Foreign(PathBuf),
    /// The schema does not go with this program, or could not be brought up to date.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Where the copy should go, something is already.
    #[error("{} exists already: choose a path that is free", .0.display())]
    TargetExists(PathBuf),
    /// `SQLite` said no.
    #[error("{}", describe(.0))]
    Engine(#[from] rusqlite::Error),
}

impl SqliteError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "store_io",
            Self::Missing(_) => "store_missing",
            Self::Foreign(_) => "store_foreign",
            Self::Schema(error) => error.code(),
            Self::TargetExists(_) => "store_target_exists",
            Self::Engine(_) => "store_engine",
        }
    }
}

impl From<SqliteError> for SchemaError {
    fn from(error: SqliteError) -> Self {
        match error {
            SqliteError::Foreign(path) => Self::Foreign(path.display().to_string()),
            SqliteError::Schema(error) => error,
            error => Self::Store(error.into()),
        }
    }
}

impl From<SqliteError> for StoreError {
    fn from(error: SqliteError) -> Self {
        match error {
            SqliteError::Engine(error) => store_error(&error),
            SqliteError::Schema(SchemaError::Store(error)) => error,
            error @ (SqliteError::Io { .. } | SqliteError::Missing(_)) => {
                Self::Unavailable(error.to_string())
            }
            error @ (SqliteError::Foreign(_)
            | SqliteError::Schema(_)
            | SqliteError::TargetExists(_)) => Self::Corrupt(error.to_string()),
        }
    }
}

/// What `SQLite` reported, as the port wants it.
pub(crate) fn store_error(error: &rusqlite::Error) -> StoreError {
    let text = describe(error);
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::ReadOnly
            | ErrorCode::OutOfMemory
            | ErrorCode::OperationInterrupted
            | ErrorCode::OperationAborted
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::PermissionDenied,
        ) => StoreError::Unavailable(text),
        _ => StoreError::Corrupt(text),
    }
}

/// Words for an error of `SQLite`. The library's own message is left out where it could hold a value.
fn describe(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => match (failure.code, message) {
            // About the schema or the statement, which are constants of this crate.
            (ErrorCode::Unknown | ErrorCode::ConstraintViolation, Some(message)) => message.clone(),
            _ => failure.to_string(),
        },
        rusqlite::Error::QueryReturnedNoRows => "a row that must exist is missing".to_owned(),
        _ => "a statement and the schema do not fit together".to_owned(),
    }
}

/// Turns results of `SQLite` into results of the port.
pub(crate) trait OrStoreError<T> {
    fn or_store_error(self) -> Result<T, StoreError>;
}

impl<T> OrStoreError<T> for rusqlite::Result<T> {
    fn or_store_error(self) -> Result<T, StoreError> {
        self.map_err(|error| store_error(&error))
    }
}
