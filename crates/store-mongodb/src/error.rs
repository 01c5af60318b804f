//! What can go wrong, and how it reaches the port: what may pass by itself is `Unavailable`, the rest
//! `Corrupt`. The server's own words are left out wherever they could hold a value of a document (a
//! duplicate key is quoted by the server, for one); so is all of the address but its hosts.

use countersign_app::ports::StoreError;
use mongodb::error::{Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, WriteFailure};

/// The store can't be made: something is wrong with its address or with the file of authorities.
#[derive(Debug, thiserror::Error)]
pub enum MongoDbError {
    /// It is no address of `MongoDB`.
    #[error(
        "this is not an address of MongoDB: write it as mongodb://user:password@host:27017/database \
         or mongodb+srv://user:password@host/database, with every character of the password that is \
         not a letter or digit percent-encoded"
    )]
    Address,
    /// The name of the database can't be one.
    #[error(
        "the path of the address is not the name of a database: use letters, digits, - and _, 63 \
         bytes at most"
    )]
    DatabaseName,
    /// The address asks for less than what the store promises.
    #[error("the option {option} of the address is refused: {reason}")]
    Weakening {
        /// The option.
        option: String,
        /// Why it is refused, and what to do.
        reason: &'static str,
    },
    /// The address has an option that this program does not know.
    #[error("the option {0} of the address is not known: leave it out")]
    UnknownOption(String),
    /// The file of authorities can't be used.
    #[error("the file of certificate authorities {path} can't be used: {reason}")]
    CaFile {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl MongoDbError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address | Self::DatabaseName => "store_address",
            Self::Weakening { .. } => "store_address_weakens",
            Self::UnknownOption(_) => "store_address_option",
            Self::CaFile { .. } => "store_ca_file",
        }
    }
}

/// Why an attempt at a change came to nothing.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server rolled it back because of another one, or never saw it: it may be tried again.
    Again,
    /// A unique index refused it.
    Duplicate,
    /// Anything else.
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let codes = codes(&error);
        if codes.contains(&code::DUPLICATE_KEY) {
            return Self::Duplicate;
        }
        // A server that can't be found will not be found by trying at once again.
        let lost = matches!(*error.kind, ErrorKind::ServerSelection { .. });
        let transient = error.contains_label(TRANSIENT_TRANSACTION_ERROR)
            || codes.contains(&code::WRITE_CONFLICT);
        if transient && !lost {
            return Self::Again;
        }
        Self::Store(store_error(&error))
    }
}

/// Numbers of errors of the server (its `error_codes.yml`).
pub(crate) mod code {
    pub const UNAUTHORIZED: i32 = 13;
    pub const NAMESPACE_EXISTS: i32 = 48;
    pub const WRITE_CONFLICT: i32 = 112;
    pub const DUPLICATE_KEY: i32 = 11_000;
}

/// Errors of the server that tell of its state and not of ours: out of reach, stepping down, shutting
/// down, too slow, full, or not let in.
const PASSING: &[i32] = &[
    6,      // HostUnreachable
    7,      // HostNotFound
    11,     // UserNotFound
    13,     // Unauthorized
    18,     // AuthenticationFailed
    24,     // LockTimeout
    50,     // MaxTimeMSExpired
    64,     // WriteConcernTimeout
    79,     // UnknownReplWriteConcern
    89,     // NetworkTimeout
    91,     // ShutdownInProgress
    100,    // UnsatisfiableWriteConcern
    112,    // WriteConflict
    133,    // FailedToSatisfyReadPreference
    134,    // ReadConcernMajorityNotAvailableYet
    189,    // PrimarySteppedDown
    202,    // NetworkInterfaceExceededTimeLimit
    225,    // TransactionTooOld
    239,    // SnapshotTooOld
    246,    // SnapshotUnavailable
    251,    // NoSuchTransaction
    262,    // ExceededTimeLimit
    290,    // TransactionExceededLifetimeLimitSeconds
    391,    // ReauthenticationRequired
    462,    // IngressRequestRateLimitExceeded
    9_001,  // SocketException
    10_107, // NotWritablePrimary
    11_600, // InterruptedAtShutdown
    11_602, // InterruptedDueToReplStateChange
    13_435, // NotPrimaryNoSecondaryOk
    13_436, // NotPrimaryOrSecondary
    14_031, // OutOfDiskSpace
];

/// The numbers of all errors of the server in an answer.
pub(crate) fn codes(error: &Error) -> Vec<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => vec![command.code],
        ErrorKind::Write(WriteFailure::WriteError(write)) => vec![write.code],
        ErrorKind::Write(WriteFailure::WriteConcernError(concern)) => vec![concern.code],
        ErrorKind::BulkWrite(bulk) => {
            let writes = bulk.write_errors.values().map(|write| write.code);
            let concerns = bulk.write_concern_errors.iter().map(|concern| concern.code);
            writes.chain(concerns).collect()
        }
        _ => Vec::new(),
    }
}

/// What the driver reported, as the port wants it.
pub(crate) fn store_error(error: &Error) -> StoreError {
    let unavailable = |text: String| StoreError::Unavailable(text);
    match &*error.kind {
        // The driver's words tell of hosts and of sockets, and what TLS said of a certificate.
        ErrorKind::ServerSelection { message, .. } => unavailable(format!(
            "no MongoDB server that can be written to: {message}"
        )),
        ErrorKind::Io(error) => unavailable(format!("the connection failed: {}", error.kind())),
        ErrorKind::ConnectionPoolCleared { .. } => {
            unavailable("the connection to the server was lost".to_owned())
        }
        ErrorKind::DnsResolve { .. } => {
            unavailable("the name of the server could not be looked up".to_owned())
        }
        ErrorKind::Authentication { .. } => {
            unavailable("the server refused the user name or the password".to_owned())
        }
        ErrorKind::InvalidTlsConfig { .. } => {
            unavailable("the file of certificate authorities can't be used".to_owned())
        }
        ErrorKind::Transaction { .. } | ErrorKind::SessionsNotSupported => {
            unavailable("the server has no transactions: it must be a replica set".to_owned())
        }
        ErrorKind::IncompatibleServer { .. } => {
            unavailable("the server is too old: MongoDB 8.0 or newer is needed".to_owned())
        }
        ErrorKind::Shutdown => unavailable("the store is shut down".to_owned()),
        ErrorKind::InvalidResponse { .. } => {
            StoreError::Corrupt("the server answered what the driver can't read".to_owned())
        }
        _ => by_codes(error),
    }
}

fn by_codes(error: &Error) -> StoreError {
    let codes = codes(error);
    let name = match &*error.kind {
        ErrorKind::Command(command) => command.code_name.as_str(),
        _ => "",
    };
    let text = format!("the server refused a command with error {codes:?} {name}");
    let retryable = error.contains_label(mongodb::error::RETRYABLE_WRITE_ERROR);
    if retryable || codes.iter().any(|code| PASSING.contains(code)) {
        StoreError::Unavailable(text)
    } else {
        StoreError::Corrupt(text)
    }
}

/// Turns results of the driver into results of the port.
pub(crate) trait OrStoreError<T> {
    fn or_store_error(self) -> Result<T, StoreError>;
}

impl<T> OrStoreError<T> for Result<T, Error> {
    fn or_store_error(self) -> Result<T, StoreError> {
        self.map_err(|error| store_error(&error))
    }
}
