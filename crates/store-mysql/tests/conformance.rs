//! The `MySQL` store keeps every promise of the port.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't reach its server has failed"
)]

mod server;

use std::sync::Arc;

use async_trait::async_trait;
use countersign_app::conformance::Database;
use countersign_app::ports::{Store, StoreAdmin};

use server::Fresh;

#[async_trait]
impl Database for Fresh {
    async fn connect(&self) -> Arc<dyn Store> {
        Arc::new(self.patient_store())
    }

    async fn admin(&self) -> Arc<dyn StoreAdmin> {
        Arc::new(self.patient_store())
    }

    async fn discard(&self) {
        self.drop_database().await;
    }
}

async fn migrated() -> Fresh {
    let fresh = Fresh::new().await;
    fresh.patient_store().migrate().await.unwrap();
    fresh
}

countersign_app::conformance_tests!(migrated);
