//! The `SQLite` store keeps every promise of the port.

#![expect(
    clippy::unwrap_used,
    reason = "a test that can't make its file has failed"
)]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use countersign_app::conformance::Database;
use countersign_app::ports::{Store, StoreAdmin};
use countersign_store_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

/// A file of its own; each instance opens it anew, as another process would.
struct File {
    path: PathBuf,
    _folder: TempDir,
}

async fn file() -> File {
    let folder = TempDir::new().unwrap();
    File {
        path: folder.path().join("countersign.db"),
        _folder: folder,
    }
}

#[async_trait]
impl Database for File {
    async fn connect(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.path, SqliteOptions::default()).unwrap())
    }

    async fn admin(&self) -> Arc<dyn StoreAdmin> {
        Arc::new(SqliteStore::open(&self.path, SqliteOptions::default()).unwrap())
    }
}

countersign_app::conformance_tests!(file);
