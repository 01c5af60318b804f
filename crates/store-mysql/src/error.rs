//! What can go wrong with an address, a connection or a statement, and how it reaches the port: what
//! may pass by itself is `Unavailable`, the rest `Corrupt`. The server's own words are left out of
//! all but migrations: they may quote a row.

use std::path::PathBuf;

use countersign_app::ports::StoreError;

/// The store could not be made out of what was given.
#[derive(Debug, thiserror::Error)]
pub enum MySqlError {
    /// The address can't be used.
    #[error(
        "the address of the MySQL database {0}: write it as mysql://user:password@host:3306/database"
    )]
    Address(&'static str),
    /// The address has a parameter that is not known. Only what is a plain word gets here.
    #[error(
        "the address of the MySQL database has the parameter {0:?}: only ssl-mode and socket are known"
    )]
    Parameter(String),
    /// The address asks for what would not be safe, or for what is not known.
    #[error("ssl-mode {0}")]
    TlsMode(&'static str),
    /// The file with the authorities can't be read.
    #[error("{path}: {source}", path = path.display())]
    CaFile {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds no usable certificate.
    #[error("{} holds no certificate in PEM form that can be trusted", .0.display())]
    CaCertificates(PathBuf),
}

impl MySqlError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address(_) | Self::Parameter(_) => "store_address",
            Self::TlsMode(_) => "store_tls_mode",
            Self::CaFile { .. } | Self::CaCertificates(_) => "store_ca_file",
        }
    }
}

/// What an attempt at a call ended with, if not with an answer.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Nothing will change it: what the caller is told.
    Told(StoreError),
    /// The server refused a statement; whatever the attempt did is rolled back with the transaction.
    Refused(Refused),
    /// The connection is gone. If what was sent could have been committed, nobody knows.
    Lost {
        /// Whether a change could have been committed.
        unknown: bool,
        /// What happened to the connection.
        reason: String,
    },
}

/// What the server answered instead of doing as asked.
#[derive(Debug)]
pub(crate) struct Refused {
    pub code: u16,
    pub state: String,
    /// The server's words, which may quote a row: for migrations alone, where there are none.
    pub words: String,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Told(error)
    }
}

impl Fault {
    /// What the driver reported. `unknown` is for a lost connection.
    pub fn of(error: mysql_async::Error, unknown: bool) -> Self {
        match error {
            // A last word before the server hangs up, often said long before it is read.
            mysql_async::Error::Server(ref last) if matches!(last.code, 1053 | 1927 | 4031) => {
                Self::Lost {
                    unknown,
                    reason: describe(&error),
                }
            }
            mysql_async::Error::Server(error) => Self::Refused(Refused {
                code: error.code,
                state: error.state,
                words: error.message,
            }),
            other => Self::Lost {
                unknown,
                reason: describe(&other),
            },
        }
    }

    /// Whether a unique index had the value already.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.is_duplicate())
    }

    /// What the caller is told if the call is not tried again.
    pub fn into_store_error(self) -> StoreError {
        match self {
            Self::Told(error) => error,
            Self::Refused(refused) => refused.into_store_error(),
            Self::Lost { reason, .. } => StoreError::Unavailable(reason),
        }
    }
}

impl Refused {
    /// Duplicate entry.
    pub fn is_duplicate(&self) -> bool {
        self.code == 1062
    }

    /// The engine chose this transaction to give way, and surely undid it: a deadlock, a lock not
    /// had in time, a conflict of snapshots, a table changed meanwhile.
    pub fn gave_way(&self) -> bool {
        matches!(self.code, 1020 | 1205 | 1213 | 1412 | 3101)
    }

    /// The server can't do it now, and this connection may never do it again: too many
    /// connections, shutdown, read-only, full disk, killed or timed-out statements, lost rights, a
    /// cluster node that is not ready.
    pub fn is_passing(&self) -> bool {
        self.gave_way()
            || matches!(
                self.code,
                1021 | 1026
                    | 1030
                    | 1037
                    | 1038
                    | 1040
                    | 1041
                    | 1043
                    | 1044
                    | 1045
                    | 1047
                    | 1049
                    | 1053
                    | 1077..=1080
                    | 1114
                    | 1129
                    | 1130
                    | 1135
                    | 1142
                    | 1143
                    | 1152..=1161
                    | 1180
                    | 1184
                    | 1189
                    | 1190
                    | 1203
                    | 1206
                    | 1223
                    | 1226
                    | 1227
                    | 1290
                    | 1317
                    | 1637
                    | 1698
                    | 1792
                    | 1820
                    | 1836
                    | 1862
                    | 1874
                    | 1927
                    | 1969
                    | 3024
                    | 3100
                    | 3118
                    | 3168..=3170
                    | 4031
                    | 4151
            )
    }

    /// In words, without the server's.
    pub fn describe(&self) -> String {
        let meaning = match self.code {
            1021 | 1114 => "the disk of the server is full",
            1040 | 1203 | 1226 => "the server has no connection to spare",
            1044 | 1045 | 1130 | 1142 | 1143 | 1227 | 1698 => {
                "the server refuses the user of the address, the password, or a right"
            }
            1049 => "there is no such database on the server: create it",
            1053 | 1077..=1080 => "the server is shutting down",
            1146 | 1054 => "a table or column is missing: run `countersign migrate`",
            1205 | 1213 | 1020 => "other changes were in the way for too long",
            1290 | 1792 | 1836 | 1874 => "the server is read-only now",
            1317 | 1927 | 1969 | 3024 | 4031 => "the server gave the statement up",
            _ => "the server refused a statement",
        };
        format!("{meaning} (error {}, {})", self.code, self.state)
    }

    fn into_store_error(self) -> StoreError {
        let text = self.describe();
        if self.is_passing() {
            StoreError::Unavailable(text)
        } else {
            StoreError::Corrupt(text)
        }
    }
}

/// Words for what the driver reported. Its own are left out where they could hold a value.
pub(crate) fn describe(error: &mysql_async::Error) -> String {
    match error {
        mysql_async::Error::Server(error) => Refused {
            code: error.code,
            state: error.state.clone(),
            words: String::new(),
        }
        .describe(),
        mysql_async::Error::Io(mysql_async::IoError::Tls(error)) => {
            format!("the TLS connection to the server failed: {error}")
        }
        // What rustls finds comes as an error of input.
        mysql_async::Error::Io(mysql_async::IoError::Io(error))
            if error.kind() == std::io::ErrorKind::InvalidData =>
        {
            format!("the TLS connection to the server failed: {error}")
        }
        mysql_async::Error::Io(mysql_async::IoError::Io(error)) => {
            format!("the server can't be reached: {error}")
        }
        mysql_async::Error::Driver(mysql_async::DriverError::NoClientSslFlagFromServer) => {
            "the server does not speak TLS: switch it on there, or say ssl-mode=DISABLED".to_owned()
        }
        mysql_async::Error::Driver(mysql_async::DriverError::ConnectionClosed) => {
            "the server closed the connection".to_owned()
        }
        mysql_async::Error::Driver(
            mysql_async::DriverError::UnknownAuthPlugin { .. }
            | mysql_async::DriverError::MysqlOldPasswordDisabled
            | mysql_async::DriverError::CleartextPluginDisabled,
        ) => "the server asks for a way to log in that is not known or not safe".to_owned(),
        _ => "the server answered what it never should".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: u16) -> Fault {
        let error = mysql_async::ServerError {
            code,
            message: "Duplicate entry 'ada@example.com' for key 'users_by_email'".to_owned(),
            state: "HY000".to_owned(),
        };
        Fault::of(mysql_async::Error::Server(error), false)
    }

    #[test]
    fn what_the_server_can_not_do_now_is_unavailable() {
        for code in [
            1021, 1040, 1045, 1049, 1053, 1114, 1205, 1213, 1226, 1290, 1317, 1792, 1836, 1927,
            4031,
        ] {
            let error = told(code).into_store_error();
            assert!(
                matches!(error, StoreError::Unavailable(_)),
                "{code}: {error:?}"
            );
        }
    }

    #[test]
    fn what_it_will_never_do_is_corrupt_and_says_nothing_of_a_row() {
        for code in [1054, 1062, 1064, 1146, 1264, 1406, 1452, 3819, 4025] {
            let error = told(code).into_store_error();
            assert!(matches!(error, StoreError::Corrupt(_)), "{code}: {error:?}");
            assert!(!error.to_string().contains("example"), "{error}");
            assert!(error.to_string().contains(&code.to_string()), "{error}");
        }
    }

    #[test]
    fn a_last_word_is_a_lost_connection() {
        for code in [1053, 1927, 4031] {
            assert!(matches!(told(code), Fault::Lost { unknown: false, .. }));
        }
    }
}
