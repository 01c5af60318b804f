//! The server that the tests run against, and a database of its own for each.

#![expect(dead_code, reason = "each test program uses a part of what is here")]

pub mod everything;
pub mod samples;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_app::ports::store::StoreLimits;
use countersign_store_mysql::{MySqlOptions, MySqlStore};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder};

/// Every password of the tests' servers.
pub const PASSWORD: &str = "open sesame/?";

/// The base address that the tests were given.
pub fn url() -> String {
    variable("COUNTERSIGN_TEST_MYSQL")
}

/// The folder of the server.
pub fn folder() -> PathBuf {
    PathBuf::from(variable("COUNTERSIGN_TEST_MYSQL_DIR"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "scripts/with-servers tells the tests their server in the environment"
)]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: run this through `scripts/with-servers mysql -- cargo nextest run \
             -p countersign-store-mysql`"
        )
    })
}

/// A database that nobody else uses.
pub struct Fresh {
    base: String,
    pub name: String,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

impl Fresh {
    /// On the server of the tests, without a table.
    pub async fn new() -> Self {
        Self::on(&url()).await
    }

    /// On another server.
    pub async fn on(base: &str) -> Self {
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{n}", std::process::id());
        let fresh = Self {
            base: base.to_owned(),
            name,
        };
        let mut conn = Conn::new(options(base, None)).await.unwrap();
        for sql in [
            format!("DROP DATABASE IF EXISTS {}", fresh.name),
            format!("CREATE DATABASE {}", fresh.name),
        ] {
            conn.query_drop(sql).await.unwrap();
        }
        conn.disconnect().await.unwrap();
        fresh
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.url_with(str::to_owned)
    }

    /// Its address with something else changed.
    pub fn url_with(&self, change: impl FnOnce(&str) -> String) -> String {
        let (server, _) = self.base.rsplit_once('/').unwrap();
        format!("{}/{}", change(server), self.name)
    }

    /// A store on it with these limits.
    pub fn store(&self, limits: StoreLimits) -> MySqlStore {
        let options = MySqlOptions {
            limits,
            ca_file: None,
        };
        MySqlStore::new(&self.url(), options).unwrap()
    }

    /// A store on it that waits as long as it must: for tests of what it does, not of how soon, on a
    /// machine that does many other things.
    pub fn patient_store(&self) -> MySqlStore {
        let minute = Duration::from_mins(1);
        self.store(StoreLimits {
            connections: 10,
            acquire: minute,
            call: minute,
            bulk: minute,
        })
    }

    /// A connection of its own, to look and meddle.
    pub async fn connection(&self) -> Conn {
        Conn::new(options(&self.base, Some(&self.name)))
            .await
            .unwrap()
    }

    /// Runs statements.
    pub async fn run(&self, sql: &str) {
        let mut conn = self.connection().await;
        conn.query_drop(sql).await.unwrap();
        conn.disconnect().await.unwrap();
    }

    /// Clears it away.
    pub async fn drop_database(&self) {
        let mut conn = Conn::new(options(&self.base, None)).await.unwrap();
        let sql = format!("DROP DATABASE {}", self.name);
        conn.query_drop(sql).await.unwrap();
        conn.disconnect().await.unwrap();
    }
}

fn options(base: &str, database: Option<&str>) -> Opts {
    let opts = Opts::from_url(base).unwrap();
    let builder = OptsBuilder::from_opts(opts).prefer_socket(false);
    match database {
        Some(name) => builder.db_name(Some(name)).into(),
        None => builder.into(),
    }
}

/// A server for one test alone, which may kill it. Syncs to the disk as in production.
pub struct OwnServer {
    folder: tempfile::TempDir,
}

impl OwnServer {
    pub fn start() -> Self {
        let server = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        server.script("start");
        server
    }

    /// Starts it again on what data it has.
    pub fn start_again(&self) {
        self.script("start");
    }

    /// `kill -9`.
    pub fn kill(&self) {
        self.script("kill");
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn url(&self) -> String {
        let url = std::fs::read_to_string(self.folder().join("url")).unwrap();
        url.trim().to_owned()
    }

    fn script(&self, verb: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/servers/mysql");
        let status = Command::new(script)
            .arg(verb)
            .arg(self.folder())
            .env("COUNTERSIGN_SERVER_DURABLE", "1")
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{verb}");
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        self.script("stop");
    }
}
