//! The operator's port, method by method.

use async_trait::async_trait;
use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, Record, RecordKind};
use countersign_app::schema::{Migration, SchemaError};

use crate::watch::Seen;
use crate::{MongoDbStore, inspect, instance, migrations, records};

#[async_trait]
impl StoreAdmin for MongoDbStore {
    fn engine(&self) -> &'static str {
        "MongoDB"
    }

    async fn pending_migrations(&self) -> Result<Vec<String>, SchemaError> {
        // What stands in the way of a migration is an answer, not a failure of the call.
        let lacking = self
            .bulk(async { Ok(migrations::lacking(self.db().await?, &self.address.shown).await) });
        let lacking = lacking.await??;
        Ok(lacking.into_iter().map(Migration::label).collect())
    }

    /// Takes as long as it takes: an index on a large collection may take minutes.
    async fn migrate(&self) -> Result<Vec<String>, SchemaError> {
        let apply = async { migrations::apply(self.db().await?, &self.address.shown).await };
        Seen::around(&self.counter, Box::pin(apply)).await
    }

    async fn engine_problems(&self) -> StoreResult<Vec<String>> {
        // Reads everything there is, however long that takes.
        let inspect = async { inspect::problems(self.db().await?).await };
        Seen::around(&self.counter, Box::pin(inspect)).await
    }

    async fn is_empty(&self) -> StoreResult<bool> {
        self.call(async { records::is_empty(self.db().await?).await })
            .await
    }

    async fn estimate(&self, kind: RecordKind) -> StoreResult<Option<u64>> {
        self.call(async { records::estimate(self.db().await?, kind).await })
            .await
    }

    async fn read_records(
        &self,
        kind: RecordKind,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Batch> {
        self.bulk(async { records::read(self.db().await?, kind, after, limit).await })
            .await
    }

    async fn write_records(&self, records: Vec<Record>) -> StoreResult<()> {
        self.bulk(async { records::write(self.db().await?, &records).await })
            .await
    }

    async fn copy_mark(&self) -> StoreResult<Option<String>> {
        self.call(async { instance::copy_mark(self.db().await?).await })
            .await
    }

    async fn set_copy_mark(&self, mark: Option<&str>) -> StoreResult<()> {
        self.call(async { instance::set_copy_mark(self.db().await?, mark).await })
            .await
    }
}
