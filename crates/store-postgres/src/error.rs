//! What can go wrong: with the address when the store is made, and with the server later. What may
//! pass by itself is `Unavailable`, the rest `Corrupt`. No message carries what a row holds, nor
//! the password.

use std::path::PathBuf;

use countersign_app::ports::StoreError;
use tokio_postgres::error::{DbError, SqlState};

/// The store can't be made: its address or its certificate authorities are not usable.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum PostgresError {
    /// The address does not begin with the scheme.
    #[error("not an address of PostgreSQL: it begins with postgres:// or postgresql://")]
    Scheme,
    /// The address can't be read.
    #[error(
        "the address of PostgreSQL can't be read: it looks like \
         postgres://user:password@host:5432/database?schema=countersign, with the special \
         characters of user and password percent-encoded ('@' is %40, '/' is %2F, '?' is %3F)"
    )]
    Address,
    /// The address names no host.
    #[error("the address of PostgreSQL names no host")]
    NoHost,
    /// A parameter that this store does not have.
    #[error(
        "the address of PostgreSQL has a parameter that is unknown here, or one twice; known are \
         {known}", known = crate::address::PARAMETERS.join(", ")
    )]
    Parameter,
    /// The name of the schema can't be one.
    #[error(
        "the parameter `schema` of the address names no usable schema: it has 1 to 63 of a-z, \
         0-9 and '_', begins with a letter, and does not begin with pg_"
    )]
    Schema,
    /// An encryption mode that may end in plain text, or none at all.
    #[error(
        "the parameter `sslmode` of the address must be `verify-full` (or `require` or \
         `verify-ca`, which verify as much here), or `disable` for plain text; modes that fall \
         back to plain text are refused"
    )]
    TlsMode,
    /// TLS is asked for where there is none.
    #[error("a Unix socket has no TLS: leave out `sslmode` and `sslrootcert`")]
    TlsOverSocket,
    /// Channel binding is required without TLS.
    #[error("`channel_binding=require` needs TLS: say `sslmode=verify-full`")]
    BindingWithoutTls,
    /// The kind of session that is asked for can't be used.
    #[error("the parameter `target_session_attrs` of the address must be `read-write` or `any`")]
    Target,
    /// The file of certificate authorities can't be read.
    #[error("the certificate authorities in {path} can't be read: {reason}", path = path.display())]
    Authorities {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The limits leave nothing to work with.
    #[error("the store needs at least one connection")]
    NoConnections,
}

impl PostgresError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Scheme
            | Self::Address
            | Self::NoHost
            | Self::Parameter
            | Self::Schema
            | Self::Target => "store_address",
            Self::TlsMode
            | Self::TlsOverSocket
            | Self::BindingWithoutTls
            | Self::Authorities { .. } => "store_tls",
            Self::NoConnections => "store_limits",
        }
    }
}

/// Why a piece of work in the store came to an end: the server's side, or ours.
#[derive(Debug)]
pub(crate) enum Fault {
    Engine(tokio_postgres::Error),
    Store(StoreError),
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Engine(error) => store_error(&error),
            Fault::Store(error) => error,
        }
    }
}

impl Fault {
    fn state(&self) -> Option<&SqlState> {
        match self {
            Self::Engine(error) => error.code(),
            Self::Store(_) => None,
        }
    }

    /// Whether the server surely undid the change because of others, so that it may be tried again.
    pub fn is_conflict(&self) -> bool {
        self.state().is_some_and(|state| {
            *state == SqlState::T_R_SERIALIZATION_FAILURE
                || *state == SqlState::T_R_DEADLOCK_DETECTED
        })
    }

    /// Whether the role may not do it.
    pub fn is_denied(&self) -> bool {
        self.state() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)
    }

    /// Whether a unique index stood in the way.
    pub fn is_taken(&self) -> bool {
        self.state() == Some(&SqlState::UNIQUE_VIOLATION)
    }

    /// Whether a statement was prepared for a schema that a migration has changed since.
    pub fn is_stale_plan(&self) -> bool {
        self.state() == Some(&SqlState::FEATURE_NOT_SUPPORTED)
    }

    /// Whether the connection can't be used any more: it broke, the server is going down or coming
    /// up, has become a replica, or what was prepared on the connection is lost or does not fit.
    pub fn ends_connection(&self) -> bool {
        match self {
            Self::Store(_) => false,
            Self::Engine(error) => error
                .as_db_error()
                .is_none_or(|error| is_fatal(error) || is_turned_away(error.code())),
        }
    }
}

fn is_fatal(error: &DbError) -> bool {
    matches!(error.severity(), "FATAL" | "PANIC")
}

/// Whether the server will not do for now, though it answers.
fn is_turned_away(state: &SqlState) -> bool {
    *state == SqlState::READ_ONLY_SQL_TRANSACTION
        || *state == SqlState::INVALID_SQL_STATEMENT_NAME
        || *state == SqlState::FEATURE_NOT_SUPPORTED
        || state.code().starts_with("57P")
        || state.code().starts_with("08")
}

/// What the server reported, as the port wants it.
pub(crate) fn store_error(error: &tokio_postgres::Error) -> StoreError {
    let Some(error) = error.as_db_error() else {
        return unanswered(error);
    };
    let state = error.code();
    match *state {
        SqlState::UNDEFINED_TABLE | SqlState::UNDEFINED_COLUMN => {
            return StoreError::Unavailable(format!(
                "the schema is not there or not up to date (SQLSTATE {}): run `countersign migrate`",
                state.code()
            ));
        }
        SqlState::INVALID_SQL_STATEMENT_NAME => {
            return StoreError::Unavailable(
                "a pooler between lost what was prepared: let it pool sessions, not transactions"
                    .to_owned(),
            );
        }
        _ => {}
    }
    let class = state.code().get(..2).unwrap_or_default();
    match class {
        // About the connection, the role, the server or the statement; none of these messages of
        // PostgreSQL repeats what a row holds.
        "08" | "0A" | "25" | "28" | "3D" | "3F" | "40" | "53" | "55" | "57" | "58" => {
            StoreError::Unavailable(describe(error))
        }
        _ if is_fatal(error) || *state == SqlState::INSUFFICIENT_PRIVILEGE => {
            StoreError::Unavailable(describe(error))
        }
        "42" => StoreError::Corrupt(describe(error)),
        // The message may repeat a value.
        _ => StoreError::Corrupt(format!(
            "PostgreSQL refused a statement (SQLSTATE {}{})",
            state.code(),
            error
                .constraint()
                .map(|name| format!(", constraint {name}"))
                .unwrap_or_default()
        )),
    }
}

fn describe(error: &DbError) -> String {
    format!("{} (SQLSTATE {})", error.message(), error.code().code())
}

/// Words for what went wrong without a word of the server's.
fn unanswered(error: &tokio_postgres::Error) -> StoreError {
    let text = error.to_string();
    // The library keeps its kinds to itself; its own words are constants.
    if text.contains("serializing") || text.contains("deserializing") || text.contains("column") {
        return StoreError::Corrupt("a statement and the schema do not fit together".to_owned());
    }
    let mut words = text;
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        words.push_str(": ");
        words.push_str(&inner.to_string());
        cause = inner.source();
    }
    StoreError::Unavailable(words)
}
