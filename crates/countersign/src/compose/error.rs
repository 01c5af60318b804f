//! Why the parts could not be put together, and what to do about it.

use std::path::PathBuf;

use countersign_app::KeyRingError;
use countersign_app::ports::{MasterKeyError, StoreError};
use countersign_app::schema::SchemaError;
use countersign_methods::password::CannotStart;
use countersign_store_sqlite::SqliteError;
use countersign_token::{InvalidName, KeyError};

use super::KeptSecretError;
use crate::config::Engine;
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
    /// The engine that the address names is not a part of this program.
    #[error(
        "this program was built without {engine}: build it with `--features {feature}` (or \
         `--features all-stores`), or use a released program, which has every engine",
        engine = .0.name(),
        feature = .0.feature()
    )]
    EngineNotBuilt(Engine),
    /// The address, or what belongs to it, can't be used.
    #[error("the address of the {engine} store can't be used: {reason}")]
    Address {
        /// Which engine it names.
        engine: Engine,
        /// The engine's own code.
        code: &'static str,
        /// Why; without the password.
        reason: String,
    },
    /// The schema can't be used or brought up to date.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The store did not answer.
    #[error(transparent)]
    Answer(#[from] StoreError),
    /// A copy into the database was begun and not finished.
    #[error(
        "a copy from {from} into {into} is not finished: run the same `countersign store copy` again, \
         which goes on where it was, or choose another database"
    )]
    UnfinishedCopy {
        /// Where it comes from.
        from: String,
        /// The store.
        into: String,
    },
    /// The schema is behind this program, and the command may not change it.
    #[error("the database lacks migrations ({}): run `countersign migrate`, or start the server", .0.join(", "))]
    NotMigrated(Vec<String>),
    /// The store holds sealed keys, but there is no master key.
    #[error(
        "the database holds keys, but their master key is not at {path}: restore that file from \
         your backup, or copy it from another instance of the database, or name it with \
         keys.master_key_file",
        path = .0.display()
    )]
    MasterKeyLost(PathBuf),
    /// Other instances would each make their own.
    #[error(
        "there is no master key, and in production none is made for a database on a network, because \
         every instance of it needs the same: make one with `openssl rand -base64 32`, and give it \
         to each instance by keys.master_key_file, COUNTERSIGN_KEYS_MASTER_KEY, or, where AWS keeps \
         it, keys.master_key_from"
    )]
    MasterKeyRequired,
    /// Another instance sealed the keys under its own.
    #[error(
        "the keys in {0} can't be opened with this master key: every instance of a database needs the \
         same one; copy it from an instance that works, and name it with keys.master_key_file or \
         COUNTERSIGN_KEYS_MASTER_KEY (if it is lost, `countersign keys retire --all` makes new keys \
         and logs everybody out)"
    )]
    MasterKeyDiffers(String),
    /// A command that makes nothing needs a master key that is not there.
    #[error(
        "there is no master key at {path}: start the server once, or set keys.master_key_file",
        path = .0.display()
    )]
    MasterKeyMissing(PathBuf),
    /// A secret that is kept elsewhere could not be had.
    #[error(transparent)]
    Kept(#[from] KeptSecretError),
    /// What is kept elsewhere is no master key.
    #[error("{0} is not 32 bytes as base64 or as 64 hexadecimal digits: put a master key there")]
    MasterKeyUnfit(String),
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
    /// Whether it may pass by itself, as when the database is away for a while.
    pub fn is_temporary(&self) -> bool {
        if let Self::Kept(error) = self {
            return error.is_temporary();
        }
        matches!(
            self,
            Self::Answer(StoreError::Unavailable(_))
                | Self::Schema(SchemaError::Store(StoreError::Unavailable(_)))
                | Self::Keys(
                    KeyRingError::Store(StoreError::Unavailable(_)) | KeyRingError::Contended
                )
        )
    }

    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DataDir { .. } => "data_dir",
            Self::Store(error) => error.code(),
            Self::EngineNotBuilt(_) => "store_engine_not_built",
            Self::Address { code, .. } => code,
            Self::Schema(error) => error.code(),
            Self::Answer(StoreError::Unavailable(_)) => "unavailable",
            Self::Answer(StoreError::Corrupt(_)) => "internal",
            Self::UnfinishedCopy { .. } => "store_copy_unfinished",
            Self::NotMigrated(_) => "store_not_migrated",
            Self::MasterKeyLost(_) => "master_key_lost",
            Self::MasterKeyMissing(_) => "master_key_missing",
            Self::MasterKeyRequired => "master_key_required",
            Self::Kept(_) => "kept_secret",
            Self::MasterKeyUnfit(_) => "master_key_unfit",
            Self::MasterKeyWrite { .. } => "master_key_write",
            Self::MasterKeyFile { .. } => "master_key_file",
            Self::MasterKeyDiffers(_)
            | Self::Keys(KeyRingError::Master(MasterKeyError::CannotOpen)) => "master_key_wrong",
            Self::Keys(_) => "keys",
            Self::Passwords(_) => "passwords",
            Self::Blocklist { .. } => "passwords_blocklist",
            Self::Name { .. } => "name",
            Self::SharedSecret { .. } => "shared_secret",
        }
    }
}
