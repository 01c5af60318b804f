//! A database of its own for a test, on the server whose address is in the environment.

pub mod proxy;
pub mod samples;
pub mod server;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use countersign_app::ports::store::StoreLimits;
use countersign_store_mongodb::{MongoDbOptions, MongoDbStore};
use mongodb::bson::{Document, doc};
use mongodb::{Client, Database};

const NAME: &str = "COUNTERSIGN_TEST_MONGODB";

/// Limits that a slow machine with an emulator on it does not run into.
pub fn patience() -> StoreLimits {
    StoreLimits {
        connections: 10,
        acquire: Duration::from_mins(1),
        call: Duration::from_mins(1),
        bulk: Duration::from_mins(2),
    }
}

/// An empty database.
pub struct TestDatabase {
    pub server: String,
    pub name: String,
}

impl TestDatabase {
    pub fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "it is how the server is named to tests")]
        let server = std::env::var(NAME).unwrap_or_else(|_| {
            panic!(
                "{NAME} is not set: run this through `scripts/with-servers mongodb -- cargo nextest \
                 run -p countersign-store-mongodb`"
            )
        });
        Self::on(&server)
    }

    /// On another server.
    pub fn on(server: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        Self {
            server: server.to_owned(),
            name: format!("test-{}-{nth}", std::process::id()),
        }
    }

    pub fn url(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    pub fn store(&self, limits: StoreLimits) -> MongoDbStore {
        let options = MongoDbOptions {
            limits,
            ca_file: None,
        };
        MongoDbStore::new(&self.url(), options).unwrap()
    }

    /// A store that waits as long as it takes.
    pub fn patient(&self) -> MongoDbStore {
        self.store(patience())
    }

    /// The database, for what no store would do.
    pub async fn bare(&self) -> Database {
        let client = Client::with_uri_str(&self.server).await.unwrap();
        client.database(&self.name)
    }

    /// Runs a command on the database.
    pub async fn run(&self, command: Document) -> Document {
        self.bare().await.run_command(command).await.unwrap()
    }

    pub async fn discard(&self) {
        self.run(doc! {"dropDatabase": 1}).await;
    }
}
