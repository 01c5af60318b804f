//! The operator's side of the port. Migrations and checks have a connection of their own each, on a
//! blocking thread; records go through the readers and the writer, like everything else.

use async_trait::async_trait;
use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, Record, RecordKind};
use countersign_app::schema::SchemaError;

use crate::{SqliteStore, connection, migrations, records};

#[async_trait]
impl StoreAdmin for SqliteStore {
    fn engine(&self) -> &'static str {
        "SQLite"
    }

    async fn pending_migrations(&self) -> Result<Vec<String>, SchemaError> {
        let (path, timeout) = (self.path.clone(), self.options.busy_timeout);
        let pending = self.blocking(move || crate::pending_labels(&path, timeout));
        Ok(pending.await?)
    }

    async fn migrate(&self) -> Result<Vec<String>, SchemaError> {
        let (path, timeout) = (self.path.clone(), self.options.busy_timeout);
        let migrated = self.blocking(move || {
            let mut connection = connection::writing(&path, timeout)?;
            // Before the file is touched: it may be somebody else's.
            migrations::pending(&connection, &path, migrations::ALL)?;
            connection::use_write_ahead_log(&connection, timeout)?;
            migrations::apply(&mut connection, &path, migrations::ALL)
        });
        Ok(migrated.await?)
    }

    async fn engine_problems(&self) -> StoreResult<Vec<String>> {
        Ok(self.integrity_check().await?)
    }

    async fn is_empty(&self) -> StoreResult<bool> {
        self.readers.scan(records::is_empty).await
    }

    async fn estimate(&self, kind: RecordKind) -> StoreResult<Option<u64>> {
        self.readers
            .scan(move |c| records::count(c, kind).map(Some))
            .await
    }

    async fn read_records(
        &self,
        kind: RecordKind,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Batch> {
        let after = after.map(str::to_owned);
        self.readers
            .scan(move |c| records::read(c, kind, after.as_deref(), limit))
            .await
    }

    async fn write_records(&self, records: Vec<Record>) -> StoreResult<()> {
        self.writer
            .write(move |c| records::write(c, &records))
            .await
    }

    async fn copy_mark(&self) -> StoreResult<Option<String>> {
        self.readers.point(records::copy_mark)
    }

    async fn set_copy_mark(&self, mark: Option<&str>) -> StoreResult<()> {
        let mark = mark.map(str::to_owned);
        self.writer
            .write(move |c| records::set_copy_mark(c, mark.as_deref()))
            .await
    }
}
