//! The engines: how each store is opened, and how its address is led through the proxy.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use countersign_app::ports::{Store, StoreAdmin};
use countersign_store_sqlite::{SqliteOptions, SqliteStore};
use serde::{Deserialize, Serialize};

use crate::failure::Outcome;

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// The embedded one: no server, and no connection to cut.
    Sqlite,
    /// `PostgreSQL`.
    Postgres,
    /// `MySQL` or `MariaDB`.
    #[value(name = "mysql")]
    MySql,
    /// `MongoDB`.
    #[value(name = "mongodb")]
    MongoDb,
    /// Amazon `DynamoDB`.
    #[value(name = "dynamodb")]
    DynamoDb,
}

/// A store, as the product uses it and as an operator does.
pub type Both = (Arc<dyn Store>, Arc<dyn StoreAdmin>);

fn both<S: Store + StoreAdmin + 'static>(store: S) -> Both {
    let store = Arc::new(store);
    (Arc::clone(&store) as Arc<dyn Store>, store)
}

impl Engine {
    /// All engines that are compiled in.
    pub fn compiled() -> Vec<Self> {
        let all = Self::value_variants().iter().copied();
        all.filter(|engine| engine.is_compiled()).collect()
    }

    /// Whether this binary has the store.
    pub fn is_compiled(self) -> bool {
        match self {
            Self::Sqlite => true,
            Self::Postgres => cfg!(feature = "postgres"),
            Self::MySql => cfg!(feature = "mysql"),
            Self::MongoDb => cfg!(feature = "mongodb"),
            Self::DynamoDb => cfg!(feature = "dynamodb"),
        }
    }

    /// Its name: that of its server script, too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
            Self::MongoDb => "mongodb",
            Self::DynamoDb => "dynamodb",
        }
    }

    /// Whether it has a server.
    pub fn has_server(self) -> bool {
        self != Self::Sqlite
    }

    /// Opens the store at an address: for `SQLite`, a path.
    pub fn open(self, address: &str) -> Outcome<Both> {
        match self {
            Self::Sqlite => Ok(both(open_sqlite(Path::new(address))?)),
            #[cfg(feature = "postgres")]
            Self::Postgres => {
                use countersign_store_postgres::{PostgresOptions, PostgresStore};
                let store = PostgresStore::new(address, PostgresOptions::default())?;
                Ok(both(store))
            }
            #[cfg(feature = "mysql")]
            Self::MySql => {
                use countersign_store_mysql::{MySqlOptions, MySqlStore};
                Ok(both(MySqlStore::new(address, MySqlOptions::default())?))
            }
            #[cfg(feature = "mongodb")]
            Self::MongoDb => {
                use countersign_store_mongodb::{MongoDbOptions, MongoDbStore};
                let store = MongoDbStore::new(address, MongoDbOptions::default())?;
                Ok(both(store))
            }
            #[cfg(feature = "dynamodb")]
            Self::DynamoDb => {
                use countersign_store_dynamodb::{DynamoDbOptions, DynamoDbStore};
                let store = DynamoDbStore::new(address, DynamoDbOptions::default())?;
                Ok(both(store))
            }
            #[cfg(not(all(
                feature = "postgres",
                feature = "mysql",
                feature = "mongodb",
                feature = "dynamodb"
            )))]
            other => Err(format!("build this with `--features {}`", other.name()).into()),
        }
    }
}

/// As the product opens it. Two processes that open a new file at once wait for each other.
fn open_sqlite(path: &Path) -> Outcome<SqliteStore> {
    let options = SqliteOptions {
        busy_timeout: Duration::from_secs(5),
        ..SqliteOptions::default()
    };
    Ok(SqliteStore::open(path, options)?)
}

/// The address with another port of this machine in place of its own; its own port.
pub fn with_port(address: &str, port: u16) -> Option<(String, u16)> {
    let host = ["127.0.0.1:", "localhost:"]
        .into_iter()
        .find(|host| address.contains(host))?;
    let (before, after) = address.split_once(host)?;
    let digits = after.find(|c: char| !c.is_ascii_digit());
    let (old, rest) = after.split_at(digits.unwrap_or(after.len()));
    Some((format!("{before}127.0.0.1:{port}{rest}"), old.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_led_elsewhere_and_keeps_the_rest() {
        for (address, led, old) in [
            (
                "postgres://a:b@127.0.0.1:5432/c?d=e",
                "postgres://a:b@127.0.0.1:7/c?d=e",
                5432,
            ),
            ("http://localhost:8000", "http://127.0.0.1:7", 8000),
        ] {
            assert_eq!(with_port(address, 7), Some((led.to_owned(), old)));
        }
        assert_eq!(with_port("postgres://example.com/a", 7), None);
    }
}
