//! What the tests stand on: a schema of its own in the test server's database, a plain connection
//! beside the store, to look and to interfere, servers of their own, and values to write.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "test code: the server's address comes through the environment, and what fails here \
              fails the test"
)]
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test binary uses its own part of this module"
)]

pub mod server;
pub mod values;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use countersign_store_postgres::{PostgresOptions, PostgresStore};
use tokio_postgres::{Client, NoTls};

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "run this through `scripts/with-servers postgres -- cargo nextest run -p \
             countersign-store-postgres`"
        )
    })
}

/// The address of the test server.
pub fn base_url() -> String {
    variable("COUNTERSIGN_TEST_POSTGRES").trim().to_owned()
}

/// The folder of the test server.
pub fn folder() -> PathBuf {
    PathBuf::from(variable("COUNTERSIGN_TEST_POSTGRES_DIR").trim())
}

/// The address for a role that must give its password, which is `open sesame/?`.
pub fn url_with_password() -> String {
    let text = std::fs::read_to_string(folder().join("url-password")).unwrap();
    text.trim().to_owned()
}

/// A schema that no other test uses.
pub struct Schema {
    /// Its address.
    pub url: String,
    /// Its name, which its connections bear, too.
    pub name: String,
    /// The address of its server.
    pub base: String,
}

impl Schema {
    /// A name on the test server; nothing is made yet.
    pub fn new() -> Self {
        Self::on(&base_url())
    }

    /// The same on another server.
    pub fn on(base: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}_{number}", std::process::id());
        Self {
            url: format!("{base}?schema={name}&application_name={name}"),
            name,
            base: base.to_owned(),
        }
    }

    /// An instance with the usual limits.
    pub fn store(&self) -> PostgresStore {
        self.store_with(PostgresOptions::default())
    }

    /// An instance with these settings.
    pub fn store_with(&self, options: PostgresOptions) -> PostgresStore {
        PostgresStore::new(&self.url, options).unwrap()
    }

    /// A connection beside the store, with the schema in its path.
    pub async fn client(&self) -> Client {
        let client = connect(&self.base).await;
        let path = format!("SET search_path TO {}", self.name);
        client.batch_execute(&path).await.unwrap();
        client
    }

    /// Drops the schema with all that is in it.
    pub async fn drop_all(&self) {
        let drop = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name);
        self.client().await.batch_execute(&drop).await.unwrap();
    }

    /// Whether connections of stores on this schema satisfy a condition on `pg_stat_activity`.
    pub async fn connections_where(&self, beside: &Client, condition: &str) -> i64 {
        let count = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND {condition}"
        );
        let row = beside.query_one(&count, &[&self.name]).await.unwrap();
        row.get(0)
    }
}

/// A plain connection.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The test server's address for its superuser.
pub fn superuser_url() -> String {
    base_url().replace("//countersign@", "//postgres@")
}
