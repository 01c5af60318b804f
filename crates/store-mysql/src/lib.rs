//! The `MySQL` and `MariaDB` store: one database of the server, reached over a few connections.
//!
//! Every intent of the port is one transaction of `InnoDB`, or one guarded statement with its event in
//! one. Connections run at READ COMMITTED: what a change decides on, it locks first by primary key
//! (`SELECT … FOR UPDATE` of the user, the session or the instance), in one order everywhere, and
//! two who want one name meet at a unique index. A deadlock or a lock not had in time is rolled back
//! and tried again within the deadline of the call. A change is acknowledged when its commit is,
//! which with the server's own defaults (`innodb_flush_log_at_trx_commit=1`) means it is on the disk.
//!
//! Statements travel as text, several at once, so that whole transactions cost one or two round
//! trips; every value in them is a number or hexadecimal digits (see `sql.rs`).
//!
//! It needs `MySQL` 8.0 or `MariaDB` 10.6, or newer; a database of its own with the right to `SELECT`,
//! `INSERT`, `UPDATE` and `DELETE` in it, and `CREATE`, `REFERENCES`, `ALTER` and `INDEX` to migrate;
//! the engine `InnoDB`; and, with a binary log, the format `ROW` or `MIXED`. `docs/stores/mysql.md`
//! says the rest.

mod accounts;
mod address;
mod admin;
mod attempts;
mod audit;
mod cells;
mod error;
mod imports;
mod keys;
mod link;
mod migrations;
mod new_users;
mod open_session;
mod pages;
mod personal_tokens;
mod pool;
mod problems;
mod prune;
mod records;
mod roles;
mod rotate;
mod sessions;
mod sql;
mod standing;
mod store;
mod user_lists;
mod users;

use std::fmt;
use std::path::PathBuf;

use countersign_app::ports::store::StoreLimits;

pub use error::MySqlError;

use address::Address;
use pool::Pool;

/// How the store uses its database.
#[derive(Clone, Debug, Default)]
pub struct MySqlOptions {
    /// How much of it, and how long it waits.
    pub limits: StoreLimits,
    /// A file in PEM form with the authorities to trust in place of the public ones.
    pub ca_file: Option<PathBuf>,
}

/// The store. Makes its connections when they are first needed.
pub struct MySqlStore {
    pool: Pool,
    database: String,
    shown: String,
}

impl MySqlStore {
    /// Reads the address, `mysql://user:password@host:3306/database` or `mariadb://…`, and the file
    /// with the authorities; reaches out to nothing.
    ///
    /// The driver takes the process's provider of cryptography: where none is installed yet, that
    /// of aws-lc is.
    pub fn new(url: &str, options: MySqlOptions) -> Result<Self, MySqlError> {
        let MySqlOptions { limits, ca_file } = options;
        let Address {
            options: driver,
            shown,
            database,
        } = Address::parse(url, ca_file.as_deref())?;
        // An error says that there is one already.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Ok(Self {
            pool: Pool::new(driver, limits),
            database,
            shown,
        })
    }

    /// The address without the password, for messages.
    pub fn address(&self) -> String {
        self.shown.clone()
    }
}

impl fmt::Debug for MySqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySqlStore")
            .field("address", &self.shown)
            .finish_non_exhaustive()
    }
}
