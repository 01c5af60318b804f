//! Turns at shared tasks, and the readiness of the table: single conditional writes.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use countersign_app::ports::store::{ClaimTask, StoreResult};

use crate::cells::{at, n};
use crate::error::no_table;
use crate::layout::{self, Key};
use crate::service::{Failed, Service};
use crate::transaction::{Values, names, values};

impl Service {
    /// See [`countersign_app::ports::Store::claim_task`]. If the answer gets lost it is not asked
    /// again: the turn may have been taken.
    pub async fn take_turn(&self, intent: ClaimTask) -> StoreResult<bool> {
        let of = vec![
            (":now", at(intent.now)),
            (":next", at(intent.now.plus(intent.every))),
        ];
        let is_due = "attribute_not_exists(#due_at) OR #due_at <= :now";
        let key = layout::task(intent.task);
        self.update(&key, "SET #due_at = :next", is_due, of, false)
            .await
    }

    /// See [`countersign_app::ports::Store::ping`]. Really writes: a table that can't be written
    /// shows at nothing less.
    pub async fn write_ping(&self) -> StoreResult<()> {
        let of = vec![(":one", n(1))];
        let key = layout::ping();
        self.update(&key, "SET #pings = :one", "", of, true).await?;
        self.item(&key).await.map(|_| ())
    }

    /// Changes one item; `false` if the condition does not hold.
    pub async fn update(
        &self,
        key: &Key,
        update: &str,
        condition: &str,
        of: Values,
        repeatable: bool,
    ) -> StoreResult<bool> {
        let (names, of) = (names(&[update, condition]), values(of));
        let answer = self
            .request(repeatable, true, |client| {
                let request = client
                    .update_item()
                    .table_name(&self.address.table)
                    .set_key(Some(key.item()))
                    .update_expression(update)
                    .set_condition_expression((!condition.is_empty()).then(|| condition.to_owned()))
                    .set_expression_attribute_names(names.clone())
                    .set_expression_attribute_values(of.clone());
                async move { request.send().await }
            })
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(Failed::Answer(UpdateItemError::ConditionalCheckFailedException(_))) => Ok(false),
            Err(Failed::Answer(_)) => Err(no_table()),
            Err(Failed::Over(error)) => Err(error),
        }
    }
}
