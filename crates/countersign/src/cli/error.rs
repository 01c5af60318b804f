//! Why a command could not be done: one enum, one message, one stable code and one exit code each.

use std::io;
use std::path::PathBuf;

use countersign_app::operate::{CheckError, CopyError};
use countersign_app::ports::{MasterKeyError, StoreError};
use countersign_app::schema::SchemaError;
use countersign_app::{AppError, KeyRingError};
use countersign_domain::password::{InvalidPassword, WeakPassword};
use countersign_store_sqlite::SqliteError;

use super::exit::Exit;
use super::monitor::ServerFault;
use crate::compose::ComposeError;
use crate::config::secret_file::SecretFileFault;
use crate::config::{ConfigErrors, Wrong};
use crate::serve::ServeError;

/// A command could not be done.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    #[error(transparent)]
    Compose(#[from] ComposeError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Server(#[from] ServerFault),
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Keys(#[from] KeyRingError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error(transparent)]
    Sqlite(#[from] SqliteError),
    #[error(transparent)]
    Copy(#[from] CopyError),
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(
        "backup copies an SQLite file, and this store is {engine}: use {tool}, which can do it while \
         the server runs; or copy what Countersign holds with `countersign store copy --to sqlite:FILE`"
    )]
    BackupElsewhere {
        engine: &'static str,
        tool: &'static str,
    },
    #[error("{flag} can't be used: {wrong}")]
    Address { flag: &'static str, wrong: Wrong },
    #[error(
        "the address in {flag} holds a password, and flags are visible to every user of the machine: \
         write it into a file and name that with {flag}-file"
    )]
    PasswordInFlag { flag: &'static str },
    #[error("{flag} {path} can't be used: it {fault}; {fix}", path = .path.display(), fix = .fault.fix())]
    AddressFile {
        flag: &'static str,
        path: PathBuf,
        fault: SecretFileFault,
    },
    #[error("the source and the target are the same store: name another with --to")]
    SameStore,
    /// The answer could not be written to the standard output.
    #[error("the answer can't be written: {0}")]
    Output(io::Error),
    #[error("{path} can't be read: {source}", path = .path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} can't be written: {source}", path = .path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the standard input can't be read: {0}")]
    Input(io::Error),
    #[error("the program can't start: {0}")]
    Start(io::Error),
    #[cfg(not(feature = "lambda"))]
    #[error(
        "this program was built without AWS Lambda: build it with `--features lambda`, which is one of \
         the default features"
    )]
    NotBuiltForLambda,
    #[cfg(feature = "offline")]
    #[error(transparent)]
    Offline(#[from] countersign_offline::OfflineError),
    #[error("there is no {kind} {name}")]
    NoSuch { kind: &'static str, name: String },
    #[error("{0}")]
    Usage(String),
    #[error("this can't be undone, and there is nobody to ask: pass --yes if it is what you want")]
    NeedsYes,
    #[error("nothing was changed")]
    NotConfirmed,
    #[error("somebody else has the e-mail address {0}")]
    EmailTaken(String),
    #[error("somebody else has the username {0}")]
    UsernameTaken(String),
    #[error("{}; choose another", .0)]
    Weak(WeakPassword),
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    #[error("{path} can't be used: it {fault}; {fix}", path = .path.display(), fix = .fault.fix())]
    PasswordFile {
        path: PathBuf,
        fault: SecretFileFault,
    },
    #[error("the two passwords differ; nothing was changed")]
    PasswordsDiffer,
    #[error(
        "this is the last admin who can log in: make another one first, with `countersign grant \
         USER admin`"
    )]
    LastAdmin,
    #[error("{0} is built in and can't be changed or deleted; choose another name")]
    BuiltInRole(String),
    #[error("that is more scopes than fit into a token: grant fewer, or wider ones")]
    TooManyScopes,
    #[error("this command line is not allowed to do that")]
    NotAllowed,
    #[error("the file changed while it was read: run the import again")]
    FileChanged,
    #[error(
        "keys for {0} are not used by this instance: name one of the algorithms in \
         `countersign keys list`"
    )]
    AlgorithmNotUsed(String),
}

impl CliError {
    /// A stable code for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "configuration",
            Self::Compose(error) => error.code(),
            Self::Serve(error) => error.code(),
            Self::Server(_) => "server",
            Self::App(error) => error.code(),
            Self::Keys(_) => "keys",
            Self::Store(StoreError::Unavailable(_)) => "unavailable",
            Self::Store(StoreError::Corrupt(_)) => "internal",
            Self::Schema(error) => error.code(),
            Self::Sqlite(error) => error.code(),
            Self::Copy(error) => error.code(),
            Self::Check(error) => error.code(),
            Self::BackupElsewhere { .. } => "backup_elsewhere",
            Self::Address { .. } => "store_address",
            Self::PasswordInFlag { .. } => "secret_in_flag",
            Self::AddressFile { .. } => "secret_file",
            Self::SameStore => "copy_same_store",
            Self::Output(_) | Self::Write { .. } => "write",
            Self::Read { .. } | Self::Input(_) => "read",
            Self::Start(_) => "start",
            #[cfg(not(feature = "lambda"))]
            Self::NotBuiltForLambda => "lambda_not_built",
            #[cfg(feature = "offline")]
            Self::Offline(error) => super::offline::code(error),
            Self::NoSuch { .. } => "not_found",
            Self::Usage(_) => "usage",
            Self::NeedsYes => "needs_yes",
            Self::NotConfirmed => "not_confirmed",
            Self::EmailTaken(_) => "email_taken",
            Self::UsernameTaken(_) => "username_taken",
            Self::Weak(weak) => weak.code(),
            Self::Password(_) => "password_invalid",
            Self::PasswordFile { .. } => "password_file",
            Self::PasswordsDiffer => "passwords_differ",
            Self::LastAdmin => "last_admin",
            Self::BuiltInRole(_) => "built_in_role",
            Self::TooManyScopes => "too_many_scopes",
            Self::NotAllowed => "not_allowed",
            Self::FileChanged => "file_changed",
            Self::AlgorithmNotUsed(_) => "algorithm_not_used",
        }
    }

    /// The exit code.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Config(_) | Self::Serve(ServeError::Tls(_)) => Exit::Configuration,
            #[cfg(not(feature = "lambda"))]
            Self::NotBuiltForLambda => Exit::Configuration,
            Self::Compose(error) | Self::Serve(ServeError::Compose(error)) => of_compose(error),
            #[cfg(feature = "offline")]
            Self::Offline(error) => super::offline::exit(error),
            Self::App(error) => of_app(error),
            Self::Keys(error) => of_keys(error),
            Self::Store(error) | Self::Check(CheckError::Store(error)) => of_store(error),
            Self::Schema(error) | Self::Check(CheckError::Schema(error)) => of_schema(error),
            Self::Sqlite(error) => of_sqlite(error),
            Self::Copy(error) => of_copy(error),
            Self::Server(
                ServerFault::Unauthenticated(_) | ServerFault::Forbidden | ServerFault::Nothing(_),
            ) => Exit::Refused,
            Self::Serve(_)
            | Self::Server(_)
            | Self::Output(_)
            | Self::Write { .. }
            | Self::Read { .. }
            | Self::Input(_)
            | Self::Start(_)
            | Self::Check(CheckError::Stopped)
            | Self::FileChanged => Exit::Failed,
            Self::NoSuch { .. } => Exit::NotFound,
            Self::Usage(_)
            | Self::NeedsYes
            | Self::Address { .. }
            | Self::PasswordInFlag { .. }
            | Self::AddressFile { .. } => Exit::Usage,
            Self::NotConfirmed
            | Self::EmailTaken(_)
            | Self::UsernameTaken(_)
            | Self::Weak(_)
            | Self::Password(_)
            | Self::PasswordFile { .. }
            | Self::PasswordsDiffer
            | Self::LastAdmin
            | Self::BuiltInRole(_)
            | Self::TooManyScopes
            | Self::NotAllowed
            | Self::AlgorithmNotUsed(_)
            | Self::BackupElsewhere { .. }
            | Self::SameStore => Exit::Refused,
        }
    }

    /// Whether nobody reads the answer any more, as under `| head`: that is no failure.
    pub(super) fn is_closed_output(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn of_compose(error: &ComposeError) -> Exit {
    match error {
        ComposeError::Store(error) => of_sqlite(error),
        ComposeError::Keys(error) => of_keys(error),
        ComposeError::Schema(error) => of_schema(error),
        ComposeError::Answer(error) => of_store(error),
        _ => Exit::Configuration,
    }
}

fn of_sqlite(error: &SqliteError) -> Exit {
    match error {
        SqliteError::Missing(_) | SqliteError::Foreign(_) => Exit::Configuration,
        SqliteError::Schema(error) => of_schema(error),
        SqliteError::TargetExists(_) => Exit::Refused,
        SqliteError::Io { .. } | SqliteError::Engine(_) => Exit::Failed,
    }
}

fn of_schema(error: &SchemaError) -> Exit {
    match error {
        SchemaError::Foreign(_) | SchemaError::Changed { .. } | SchemaError::TooNew { .. } => {
            Exit::Configuration
        }
        SchemaError::Failed { .. } => Exit::Failed,
        SchemaError::Store(error) => of_store(error),
    }
}

fn of_copy(error: &CopyError) -> Exit {
    match error {
        CopyError::Schema { source, .. } => of_schema(source),
        CopyError::Pending { .. } => Exit::Configuration,
        CopyError::SourceUnfinished { .. } | CopyError::NotEmpty | CopyError::OtherCopy { .. } => {
            Exit::Refused
        }
        CopyError::Store { error, .. } => of_store(error),
        CopyError::Refused { .. } | CopyError::Differs { .. } | CopyError::Stopped => Exit::Failed,
    }
}

fn of_app(error: &AppError) -> Exit {
    match error {
        AppError::Throttled { .. } | AppError::Busy(_) => Exit::Busy,
        AppError::CallerLost(_) => Exit::Refused,
        AppError::Store(error) => of_store(error),
        AppError::Keys(error) => of_keys(error),
    }
}

fn of_keys(error: &KeyRingError) -> Exit {
    match error {
        KeyRingError::Store(error) => of_store(error),
        KeyRingError::Master(MasterKeyError::CannotOpen) => Exit::Configuration,
        KeyRingError::Contended => Exit::Busy,
        _ => Exit::Failed,
    }
}

fn of_store(error: &StoreError) -> Exit {
    match error {
        StoreError::Unavailable(_) => Exit::Busy,
        StoreError::Corrupt(_) => Exit::Failed,
    }
}
