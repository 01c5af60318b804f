//! Why the parts could not be put together, and what to do about it.

use std::path::PathBuf;

use countersign_app::KeyRingError;
use countersign_app::ports::MasterKeyError;
use countersign_methods::password::CannotStart;
use countersign_store_sqlite::SqliteError;
use countersign_token::{InvalidName, KeyError};

use crate::config::secret_file::SecretFileFault;

/// The parts could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The data directory can't be made.
    #[error("the data directory {path} can't be made: {source}; set data_dir to a directory that this user may write to", path = .path.display())]
    DataDir {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] SqliteError),
    /// The schema is behind this program, and the command may not change it.
    #[error("the database lacks migrations ({}): run `countersign migrate`, or start the server", .0.join(", "))]
    NotMigrated(Vec<String>),
    /// The store holds sealed keys, but there is no master key.
    #[error(
        "the database holds keys, but their master key is not at {path}: restore that file from \
         your backup, or name it with keys.master_key_file",
        path = .0.display()
    )]
    MasterKeyLost(PathBuf),
    /// A command that makes nothing needs a master key that is not there.
    #[error(
        "there is no master key at {path}: start the server once, or set keys.master_key_file",
        path = .0.display()
    )]
    MasterKeyMissing(PathBuf),
    /// The master key's file can't be made.
    #[error("the master key can't be written to {path}: {source}", path = .path.display())]
    MasterKeyWrite {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another process made the master key's file, and it is not fit.
    #[error("the master key at {path} can't be used: it {fault}; {fix}", path = .path.display(), fix = .fault.fix())]
    MasterKeyFile {
        /// Where.
        path: PathBuf,
        /// Why.
        fault: SecretFileFault,
    },
    /// The keys can't be read, opened or made.
    #[error(transparent)]
    Keys(#[from] KeyRingError),
    /// The password method can't start.
    #[error(transparent)]
    Passwords(#[from] CannotStart),
    /// The file of refused passwords can't be read.
    #[error("passwords.blocklist_file {path} can't be read: {source}", path = .path.display())]
    Blocklist {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A name in the configuration is no issuer or audience.
    #[error("{key} can't be used: {source}")]
    Name {
        /// The setting.
        key: &'static str,
        /// Why.
        source: InvalidName,
    },
    /// A shared secret can't be used.
    #[error("the secret of audience {audience} can't be used: {source}")]
    SharedSecret {
        /// Whose.
        audience: String,
        /// Why.
        source: KeyError,
    },
}

impl ComposeError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DataDir { .. } => "data_dir",
            Self::Store(error) => error.code(),
            Self::NotMigrated(_) => "store_not_migrated",
            Self::MasterKeyLost(_) => "master_key_lost",
            Self::MasterKeyMissing(_) => "master_key_missing",
            Self::MasterKeyWrite { .. } => "master_key_write",
            Self::MasterKeyFile { .. } => "master_key_file",
            Self::Keys(KeyRingError::Master(MasterKeyError::CannotOpen)) => "master_key_wrong",
            Self::Keys(_) => "keys",
            Self::Passwords(_) => "passwords",
            Self::Blocklist { .. } => "passwords_blocklist",
            Self::Name { .. } => "name",
            Self::SharedSecret { .. } => "shared_secret",
        }
    }
}
