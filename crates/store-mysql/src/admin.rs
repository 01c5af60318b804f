//! The operator's side of the port.

use async_trait::async_trait;
use countersign_app::ports::StoreAdmin;
use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, Record, RecordKind};
use countersign_app::schema::SchemaError;

use crate::pool::on_a_link;
use crate::{MySqlStore, migrations, problems, records};

impl MySqlStore {
    /// Migrations are not tried again by themselves: each start of an instance does.
    async fn schema<T>(
        &self,
        work: impl Future<Output = Result<T, SchemaError>>,
    ) -> Result<T, SchemaError> {
        match tokio::time::timeout(self.pool.limits().bulk, work).await {
            Ok(answer) => answer,
            Err(_) => Err(SchemaError::Store(StoreError::Unavailable(
                "the server did not answer in time".to_owned(),
            ))),
        }
    }
}

#[async_trait]
impl StoreAdmin for MySqlStore {
    fn engine(&self) -> &'static str {
        "MySQL"
    }

    async fn pending_migrations(&self) -> Result<Vec<String>, SchemaError> {
        self.schema(async {
            let link = self.pool.take().await;
            let mut link = link.map_err(crate::error::Fault::into_store_error)?;
            let pending = migrations::pending(&mut link, &self.database).await?;
            Ok(pending.iter().map(|step| step.label()).collect())
        })
        .await
    }

    async fn migrate(&self) -> Result<Vec<String>, SchemaError> {
        self.schema(async {
            let link = self.pool.take().await;
            let mut link = link.map_err(crate::error::Fault::into_store_error)?;
            migrations::apply(&mut link, &self.database, self.pool.limits().bulk).await
        })
        .await
    }

    async fn engine_problems(&self) -> StoreResult<Vec<String>> {
        on_a_link!(&self.pool, bulk, link => problems::find(link))
    }

    async fn is_empty(&self) -> StoreResult<bool> {
        on_a_link!(&self.pool, bulk, link => records::is_empty(link))
    }

    async fn estimate(&self, kind: RecordKind) -> StoreResult<Option<u64>> {
        on_a_link!(&self.pool, bulk, link => records::estimate(link, kind))
    }

    async fn read_records(
        &self,
        kind: RecordKind,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Batch> {
        on_a_link!(&self.pool, bulk, link => records::read(link, kind, after, limit))
    }

    async fn write_records(&self, records: Vec<Record>) -> StoreResult<()> {
        on_a_link!(&self.pool, bulk, link => records::write(link, &records))
    }

    async fn copy_mark(&self) -> StoreResult<Option<String>> {
        on_a_link!(&self.pool, call, link => records::copy_mark(link))
    }

    async fn set_copy_mark(&self, mark: Option<&str>) -> StoreResult<()> {
        on_a_link!(&self.pool, call, link => records::set_copy_mark(link, mark))
    }
}
