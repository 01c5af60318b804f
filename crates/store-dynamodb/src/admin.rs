//! The operator's side of the port, method by method.

use async_trait::async_trait;
use countersign_app::ports::StoreAdmin;
use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, Record, RecordKind};
use countersign_app::schema::SchemaError;
use tokio::time::timeout;

use crate::cells::{Cells, s};
use crate::error::too_slow;
use crate::{DynamoDbStore, layout};

impl DynamoDbStore {
    async fn bulk<T>(&self, call: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
        self.service
            .call(self.service.limits.bulk, None, call)
            .await
    }

    async fn schema<T>(
        &self,
        call: impl Future<Output = Result<T, SchemaError>>,
    ) -> Result<T, SchemaError> {
        let answer = timeout(self.service.limits.bulk, call).await;
        answer.unwrap_or_else(|_| Err(SchemaError::Store(too_slow())))
    }
}

#[async_trait]
impl StoreAdmin for DynamoDbStore {
    fn engine(&self) -> &'static str {
        "DynamoDB"
    }

    async fn pending_migrations(&self) -> Result<Vec<String>, SchemaError> {
        self.schema(self.service.pending_labels()).await
    }

    async fn migrate(&self) -> Result<Vec<String>, SchemaError> {
        self.schema(self.service.apply()).await
    }

    async fn engine_problems(&self) -> StoreResult<Vec<String>> {
        // As long as it takes: each request of it has to come back.
        self.service.problems().await
    }

    async fn is_empty(&self) -> StoreResult<bool> {
        self.bulk(self.service.holds_nothing()).await
    }

    async fn estimate(&self, _kind: RecordKind) -> StoreResult<Option<u64>> {
        // The service counts all items together, and that some hours late.
        Ok(None)
    }

    async fn read_records(
        &self,
        kind: RecordKind,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Batch> {
        self.bulk(self.service.records(kind, after, limit)).await
    }

    async fn write_records(&self, records: Vec<Record>) -> StoreResult<()> {
        self.bulk(self.service.put_records(records)).await
    }

    async fn copy_mark(&self) -> StoreResult<Option<String>> {
        self.bulk(async {
            let item = self.service.item(&layout::copy_mark()).await?;
            let mark = item.as_ref().map(|item| Cells(item).text_or_null("mark"));
            Ok(mark.transpose()?.flatten().map(str::to_owned))
        })
        .await
    }

    async fn set_copy_mark(&self, mark: Option<&str>) -> StoreResult<()> {
        self.bulk(async {
            let key = layout::copy_mark();
            let (update, of) = match mark {
                Some(mark) => ("SET #mark = :mark", vec![(":mark", s(mark))]),
                None => ("REMOVE #mark", Vec::new()),
            };
            let is_set = self.service.update(&key, update, "", of, true).await?;
            if is_set {
                Ok(())
            } else {
                Err(StoreError::Corrupt("the mark could not be set".to_owned()))
            }
        })
        .await
    }
}
