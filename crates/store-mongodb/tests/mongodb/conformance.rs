//! The `MongoDB` store keeps every promise of the port.

use std::sync::Arc;

use crate::common::TestDatabase;
use async_trait::async_trait;
use countersign_app::conformance::{Budget, Database};
use countersign_app::ports::{Store, StoreAdmin};

struct Mongodb(TestDatabase);

async fn database() -> Mongodb {
    let database = TestDatabase::new();
    database.patient().migrate().await.unwrap();
    Mongodb(database)
}

#[async_trait]
impl Database for Mongodb {
    async fn connect(&self) -> Arc<dyn Store> {
        Arc::new(self.0.patient())
    }

    async fn admin(&self) -> Arc<dyn StoreAdmin> {
        Arc::new(self.0.patient())
    }

    /// A change of more than one document is a transaction, and a transaction's commit is a command of
    /// its own. A refresh and the opening of a session must also tell what they found, which
    /// `bulkWrite` can't: one command reads all, one writes all, one commits. A sign-up reads nothing,
    /// and keeps to the usual budget.
    fn budget(&self) -> Budget {
        Budget {
            login: 4,
            refresh: 3,
            ..Budget::default()
        }
    }

    async fn discard(&self) {
        self.0.discard().await;
    }
}

countersign_app::conformance_tests!(database);
