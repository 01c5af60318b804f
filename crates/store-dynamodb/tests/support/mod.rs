//! What the tests of this store share: tables of their own on the server that
//! `scripts/with-servers dynamodb` starts.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "this is test code: it ends at the first surprise, and is told its server by the \
              environment"
)]
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test program uses some of it"
)]

pub mod front;
pub mod samples;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use countersign_app::conformance::{Budget, Database};
use countersign_app::ports::store::StoreLimits;
use countersign_app::ports::{Store, StoreAdmin};
use countersign_store_dynamodb::{DynamoDbOptions, DynamoDbStore};

/// The address of the server.
pub fn server() -> String {
    let Ok(url) = std::env::var("COUNTERSIGN_TEST_DYNAMODB") else {
        panic!(
            "run this through `scripts/with-servers dynamodb -- cargo nextest run -p \
             countersign-store-dynamodb`"
        );
    };
    url
}

/// Where the server listens, as in `http://127.0.0.1:8000`.
pub fn endpoint() -> String {
    server().split_once("endpoint=").unwrap().1.to_owned()
}

/// A client of the tests' own.
pub fn client(endpoint: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new(
            "countersign",
            "countersign",
            None,
            None,
            "test",
        ))
        .endpoint_url(endpoint)
        .build();
    Client::from_conf(config)
}

/// Time enough for fifty calls that wait for one another on an emulator that does one at a time.
pub fn patient() -> StoreLimits {
    StoreLimits {
        connections: 50,
        acquire: Duration::from_secs(30),
        call: Duration::from_secs(30),
        bulk: Duration::from_mins(1),
    }
}

/// A table of its own.
pub struct Table {
    pub name: String,
    pub endpoint: String,
}

impl Table {
    /// Names one; nothing is made.
    pub fn named() -> Self {
        Self {
            name: format!("test-{:016x}", fastrand::u64(..)),
            endpoint: endpoint(),
        }
    }

    /// Makes one, with its schema.
    pub async fn made() -> Self {
        let table = Self::named();
        table.store().migrate().await.unwrap();
        table
    }

    pub fn url(&self) -> String {
        self.url_at(&self.endpoint)
    }

    /// The same table behind another endpoint.
    pub fn url_at(&self, endpoint: &str) -> String {
        format!("dynamodb://us-east-1/{}?endpoint={endpoint}", self.name)
    }

    /// One more instance.
    pub fn store(&self) -> DynamoDbStore {
        self.store_with(patient())
    }

    pub fn store_with(&self, limits: StoreLimits) -> DynamoDbStore {
        open(&self.url(), limits)
    }

    pub async fn drop(&self) {
        let client = client(&self.endpoint);
        client
            .delete_table()
            .table_name(&self.name)
            .send()
            .await
            .unwrap();
    }
}

/// An instance at an address.
pub fn open(url: &str, limits: StoreLimits) -> DynamoDbStore {
    let options = DynamoDbOptions {
        limits,
        ..DynamoDbOptions::default()
    };
    DynamoDbStore::new(url, options).unwrap()
}

#[async_trait]
impl Database for Table {
    async fn connect(&self) -> Arc<dyn Store> {
        Arc::new(self.store())
    }

    async fn admin(&self) -> Arc<dyn StoreAdmin> {
        Arc::new(self.store())
    }

    /// A refresh takes two where the instance has not seen the session before: the token names the
    /// session, and `DynamoDB`'s keys begin with the user. One that knows the session takes one, as
    /// this test does; the first number is the one to be honest about.
    fn budget(&self) -> Budget {
        Budget {
            refresh: 2,
            ..Budget::default()
        }
    }

    async fn discard(&self) {
        self.drop().await;
    }
}
