//! The requests that the store is made of: consistent reads by key and by partition, conditional
//! transactions, and batches. No other module talks to the service (but that of the migrations).

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest,
};
use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;

use crate::error::{lost, no_table};
use crate::layout::{Item, Key};
use crate::service::{Failed, Pause, Service};
use crate::transaction::{About, Outcome, Refusals, Transaction, Values, names, values};

/// The most keys of a `BatchGetItem`.
const MOST_GOT: usize = 100;
/// The most writes of a `BatchWriteItem`.
const MOST_WRITTEN: usize = 25;

/// A read of one partition, in the order of its sort key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Range {
    pub partition: String,
    /// Begins with this, if not empty.
    pub prefix: String,
    pub backward: bool,
    /// Least and greatest sort key, both included.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Further conditions on what is read.
    pub filter: String,
    pub filter_values: Values,
    /// As many as this at most.
    pub limit: Option<usize>,
}

/// A write of a batch, without a condition.
#[derive(Clone)]
pub(crate) enum Write {
    Put(Item),
    Delete(Key),
}

fn over<E>(failed: Failed<E>) -> StoreError {
    match failed {
        Failed::Over(error) => error,
        // Of the reads and batches, only a missing table is answered so.
        Failed::Answer(_) => no_table(),
    }
}

impl Service {
    pub fn transaction(&self) -> Transaction {
        Transaction::new(&self.address.table)
    }

    /// Reads items by their keys, consistently, each as it is at that moment; those that are not
    /// there are left out. Up to 100 keys are one request.
    pub async fn items(&self, keys: &[Key]) -> StoreResult<HashMap<Key, Item>> {
        let mut found = HashMap::with_capacity(keys.len());
        for chunk in keys.chunks(MOST_GOT) {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(chunk.iter().map(Key::item).collect()))
                .consistent_read(true)
                .build()
                .map_err(|_| lost())?;
            let mut wanted = Some(HashMap::from([(self.address.table.clone(), wanted)]));
            let mut pause = Pause::default();
            while let Some(asked) = wanted.take() {
                let answer = self
                    .request(true, true, |client| {
                        let asked = asked.clone();
                        async move {
                            client
                                .batch_get_item()
                                .set_request_items(Some(asked))
                                .send()
                                .await
                        }
                    })
                    .await
                    .map_err(over)?;
                let items = answer.responses.unwrap_or_default().into_values().flatten();
                found.extend(items.filter_map(|item| Some((Key::of(&item)?, item))));
                wanted = answer
                    .unprocessed_keys
                    .filter(|rest| rest.values().any(|keys| !keys.keys().is_empty()));
                if wanted.is_some() {
                    pause.wait().await;
                }
            }
        }
        Ok(found)
    }

    /// Reads one item.
    pub async fn item(&self, key: &Key) -> StoreResult<Option<Item>> {
        self.item_beside(key, true).await
    }

    /// The same; `counts` is `false` if it goes out together with another request.
    pub async fn item_beside(&self, key: &Key, counts: bool) -> StoreResult<Option<Item>> {
        let answer = self
            .request(true, counts, |client| async move {
                client
                    .get_item()
                    .table_name(&self.address.table)
                    .set_key(Some(key.item()))
                    .consistent_read(true)
                    .send()
                    .await
            })
            .await
            .map_err(over)?;
        Ok(answer.item)
    }

    /// Reads a partition, consistently, until its end or until `limit` items fit.
    pub async fn range(&self, range: &Range) -> StoreResult<Vec<Item>> {
        let mut condition = "#pk = :pk".to_owned();
        let mut of: Values = vec![(":pk", AttributeValue::S(range.partition.clone()))];
        if !range.prefix.is_empty() {
            condition.push_str(" AND begins_with(#sk, :prefix)");
            of.push((":prefix", AttributeValue::S(range.prefix.clone())));
        } else if let (Some(from), Some(to)) = (&range.from, &range.to) {
            if from > to {
                return Ok(Vec::new());
            }
            condition.push_str(" AND #sk BETWEEN :from AND :to");
            of.push((":from", AttributeValue::S(from.clone())));
            of.push((":to", AttributeValue::S(to.clone())));
        }
        of.extend(range.filter_values.iter().cloned());
        let names = names(&[&condition, &range.filter]);
        let of = values(of);
        let mut start: Option<Item> = None;
        let mut found = Vec::new();
        loop {
            let want = range.limit.map(|limit| limit - found.len());
            // Where much is filtered out, pages of the size of the answer would be many.
            let page = want.map(|want| {
                if range.filter.is_empty() {
                    want
                } else {
                    want.max(200)
                }
            });
            let answer = self
                .request(true, true, |client| {
                    let query = client
                        .query()
                        .table_name(&self.address.table)
                        .consistent_read(true)
                        .scan_index_forward(!range.backward)
                        .key_condition_expression(&condition)
                        .set_filter_expression(
                            (!range.filter.is_empty()).then(|| range.filter.clone()),
                        )
                        .set_expression_attribute_names(names.clone())
                        .set_expression_attribute_values(of.clone())
                        .set_limit(page.and_then(|page| i32::try_from(page).ok()))
                        .set_exclusive_start_key(start.clone());
                    async move { query.send().await }
                })
                .await
                .map_err(over)?;
            found.extend(answer.items.unwrap_or_default());
            if let Some(limit) = range.limit
                && found.len() >= limit
            {
                found.truncate(limit);
                return Ok(found);
            }
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    /// Commits a transaction, or tells which conditions did not hold. A conflict with another
    /// transaction is tried again. The token makes a request that got lost safe to repeat: the
    /// service carries out one of the two. A refusal of the repetition says nothing of the first
    /// one, which may be what made the conditions fail, or be under way still: then nobody knows.
    pub async fn commit(&self, transaction: Transaction) -> StoreResult<Outcome> {
        self.commit_beside(transaction, true).await
    }

    /// The same; `counts` is `false` if it goes out together with a read.
    pub async fn commit_beside(
        &self,
        transaction: Transaction,
        counts: bool,
    ) -> StoreResult<Outcome> {
        let (items, about) = transaction.into_parts();
        let (mut counts, mut was_lost) = (counts, false);
        let mut pause = Pause::default();
        let mut token = String::new();
        loop {
            // What got lost is never sent under another token: it could be carried out twice.
            if !was_lost {
                token = new_token();
            }
            let answer = self
                .request_after(&mut was_lost, counts, |client| {
                    let write = client
                        .transact_write_items()
                        .set_transact_items(Some(items.clone()))
                        .client_request_token(&token);
                    async move { write.send().await }
                })
                .await;
            counts = true;
            match answer {
                Ok(_) => return Ok(Outcome::Done),
                Err(Failed::Over(error)) => return Err(error),
                Err(Failed::Answer(answer)) => match canceled(answer, &about)? {
                    Some(_) if was_lost => return Err(lost()),
                    Some(refusals) => return Ok(Outcome::Refused(refusals)),
                    None => pause.wait().await,
                },
            }
        }
    }

    /// Commits a transaction that has no condition which could fail in good order.
    pub async fn commit_all(&self, transaction: Transaction) -> StoreResult<()> {
        match self.commit(transaction).await? {
            Outcome::Done => Ok(()),
            Outcome::Refused(_) => Err(StoreError::Corrupt(
                "an item that must be there is missing".to_owned(),
            )),
        }
    }

    /// Writes items without conditions, 25 a request. Writing twice is harmless.
    pub async fn write_all(&self, writes: &[Write]) -> StoreResult<()> {
        for chunk in writes.chunks(MOST_WRITTEN) {
            let requests = chunk.iter().map(request).collect::<StoreResult<Vec<_>>>()?;
            let mut rest = Some(HashMap::from([(self.address.table.clone(), requests)]));
            let mut pause = Pause::default();
            while let Some(asked) = rest.take() {
                let answer = self
                    .request(true, true, |client| {
                        let asked = asked.clone();
                        async move {
                            client
                                .batch_write_item()
                                .set_request_items(Some(asked))
                                .send()
                                .await
                        }
                    })
                    .await
                    .map_err(over)?;
                rest = answer
                    .unprocessed_items
                    .filter(|rest| rest.values().any(|writes| !writes.is_empty()));
                if rest.is_some() {
                    pause.wait().await;
                }
            }
        }
        Ok(())
    }
}

fn new_token() -> String {
    format!("{:032x}", fastrand::u128(..))
}

fn request(write: &Write) -> StoreResult<WriteRequest> {
    let request = WriteRequest::builder();
    Ok(match write {
        Write::Put(item) => {
            let put = PutRequest::builder().set_item(Some(item.clone())).build();
            request.put_request(put.map_err(|_| lost())?)
        }
        Write::Delete(key) => {
            let delete = DeleteRequest::builder().set_key(Some(key.item())).build();
            request.delete_request(delete.map_err(|_| lost())?)
        }
    }
    .build())
}

/// The conditions that did not hold; `None` if the transaction has to be tried again, because
/// another one was in the way or the service was too busy.
fn canceled(answer: TransactWriteItemsError, about: &[About]) -> StoreResult<Option<Refusals>> {
    let canceled = match answer {
        TransactWriteItemsError::TransactionCanceledException(canceled) => canceled,
        TransactWriteItemsError::ResourceNotFoundException(_) => return Err(no_table()),
        _ => return Err(lost()),
    };
    let mut refusals = Vec::new();
    for (reason, about) in canceled.cancellation_reasons().iter().zip(about) {
        match reason.code().unwrap_or("None") {
            "None" => {}
            "ConditionalCheckFailed" => {
                let item = reason.item().filter(|item| !item.is_empty());
                refusals.push((*about, item.cloned()));
            }
            "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded" => {
                return Ok(None);
            }
            code => {
                return Err(StoreError::Corrupt(format!(
                    "DynamoDB refused an item ({code}): it may be larger than 400 KB"
                )));
            }
        }
    }
    if refusals.is_empty() {
        return Err(StoreError::Unavailable(
            "DynamoDB canceled a transaction and did not say why".to_owned(),
        ));
    }
    Ok(Some(refusals))
}
