//! The `PostgreSQL` store keeps every promise of the port, on a real server.

#![expect(
    clippy::unwrap_used,
    reason = "a test that can't make its database has failed"
)]

use std::sync::Arc;

use async_trait::async_trait;
use countersign_app::conformance::Database;
use countersign_app::ports::{Store, StoreAdmin};
use countersign_store_postgres::{PostgresOptions, PostgresStore};

mod support;

use support::Schema;

async fn schema() -> Schema {
    let schema = Schema::new();
    schema.store().migrate().await.unwrap();
    schema
}

#[async_trait]
impl Database for Schema {
    async fn connect(&self) -> Arc<dyn Store> {
        Arc::new(self.store())
    }

    async fn admin(&self) -> Arc<dyn StoreAdmin> {
        Arc::new(PostgresStore::new(&self.url, PostgresOptions::default()).unwrap())
    }

    async fn discard(&self) {
        self.drop_all().await;
    }
}

countersign_app::conformance_tests!(schema);
