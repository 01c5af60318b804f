//! The operator's side of the store.

use async_trait::async_trait;
use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, Record, RecordKind};
use countersign_app::schema::SchemaError;

use crate::calls::{Kind, bulk, change, read};
use crate::{PostgresStore, migrations, problems, records};

#[async_trait]
impl StoreAdmin for PostgresStore {
    fn engine(&self) -> &'static str {
        "PostgreSQL"
    }

    async fn pending_migrations(&self) -> Result<Vec<String>, SchemaError> {
        let pending = migrations::pending(self, migrations::ALL).await?;
        Ok(pending.iter().map(|step| step.label()).collect())
    }

    async fn migrate(&self) -> Result<Vec<String>, SchemaError> {
        migrations::apply(self, migrations::ALL).await
    }

    async fn engine_problems(&self) -> StoreResult<Vec<String>> {
        bulk!(self, Kind::Read, |c| problems::find(
            c,
            self.begin_bulk(),
            self.schema()
        ))
    }

    async fn is_empty(&self) -> StoreResult<bool> {
        bulk!(self, Kind::Read, |c| records::are_none(c))
    }

    /// What the server's own statistics say; nothing if it never counted.
    async fn estimate(&self, kind: RecordKind) -> StoreResult<Option<u64>> {
        bulk!(self, Kind::Read, |c| records::estimate(
            c,
            self.schema(),
            kind
        ))
    }

    async fn read_records(
        &self,
        kind: RecordKind,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Batch> {
        bulk!(self, Kind::Read, |c| records::read(
            c,
            self.begin_bulk(),
            kind,
            after,
            limit
        ))
    }

    async fn write_records(&self, records: Vec<Record>) -> StoreResult<()> {
        bulk!(self, Kind::Change, |c| records::write(
            c,
            self.begin_bulk(),
            &records
        ))
    }

    async fn copy_mark(&self) -> StoreResult<Option<String>> {
        read!(self, |c| records::copy_mark(c))
    }

    async fn set_copy_mark(&self, mark: Option<&str>) -> StoreResult<()> {
        change!(self, |c| records::set_copy_mark(c, mark))
    }
}
