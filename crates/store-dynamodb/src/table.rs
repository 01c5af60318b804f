//! The table itself: made by `migrate`, or by a deployment template; then it is looked at whether it
//! fits, and said in what it differs.

use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::builders::GlobalSecondaryIndexBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, IndexStatus, KeySchemaElement, KeyType,
    Projection, ProjectionType, ProvisionedThroughput, ScalarAttributeType, TableDescription,
    TableStatus, TimeToLiveSpecification, TimeToLiveStatus,
};
use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;

use crate::address::Billing;
use crate::error::lost;
use crate::layout::OVER;
use crate::service::{Failed, Pause, Service};

/// What there is under the table's name.
pub(crate) enum Found {
    Missing,
    /// A table with other keys.
    Foreign,
    Ours(Box<TableDescription>),
}

fn incomplete<E>(_: E) -> StoreError {
    StoreError::Corrupt("the description of a table is incomplete".to_owned())
}

fn is_keyed(keys: &[KeySchemaElement], hash: &str, range: &str) -> bool {
    let named = |kind: &KeyType| {
        let mut keys = keys.iter().filter(|key| key.key_type() == kind);
        keys.next().map(KeySchemaElement::attribute_name)
    };
    keys.len() == 2 && named(&KeyType::Hash) == Some(hash) && named(&KeyType::Range) == Some(range)
}

/// In what a table differs from what the first migration makes.
pub(crate) fn differences(table: &TableDescription) -> Vec<String> {
    let mut found = Vec::new();
    for (name, kind) in attributes() {
        let definition = table
            .attribute_definitions()
            .iter()
            .find(|one| one.attribute_name() == name);
        if definition.is_none_or(|one| *one.attribute_type() != kind) {
            found.push(format!("the attribute {name} is not defined as {kind}"));
        }
    }
    let indexes = table.global_secondary_indexes().iter();
    let over = indexes
        .clone()
        .find(|index| index.index_name() == Some(OVER));
    match over {
        None => found.push(format!("the index {OVER} is missing")),
        Some(index) if !is_keyed(index.key_schema(), "over", "over_at") => {
            found.push(format!(
                "the index {OVER} has other keys than over and over_at"
            ));
        }
        Some(_) => {}
    }
    found
}

fn attributes() -> [(&'static str, ScalarAttributeType); 4] {
    [
        ("pk", ScalarAttributeType::S),
        ("sk", ScalarAttributeType::S),
        ("over", ScalarAttributeType::S),
        ("over_at", ScalarAttributeType::N),
    ]
}

fn key(name: &str, kind: KeyType) -> StoreResult<KeySchemaElement> {
    KeySchemaElement::builder()
        .attribute_name(name)
        .key_type(kind)
        .build()
        .map_err(incomplete)
}

fn over_index() -> StoreResult<GlobalSecondaryIndexBuilder> {
    let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly);
    Ok(GlobalSecondaryIndex::builder()
        .index_name(OVER)
        .key_schema(key("over", KeyType::Hash)?)
        .key_schema(key("over_at", KeyType::Range)?)
        .projection(keys_only.build()))
}

impl Service {
    /// Looks at what there is.
    pub async fn found_table(&self) -> StoreResult<Found> {
        let answer = self
            .request(true, true, |client| {
                let request = client.describe_table().table_name(&self.address.table);
                async move { request.send().await }
            })
            .await;
        let table = match answer {
            Ok(answer) => answer.table.ok_or_else(lost)?,
            Err(Failed::Answer(_)) => return Ok(Found::Missing),
            Err(Failed::Over(error)) => return Err(error),
        };
        if is_keyed(table.key_schema(), "pk", "sk") {
            Ok(Found::Ours(Box::new(table)))
        } else {
            Ok(Found::Foreign)
        }
    }

    /// Makes the table if it is not there, waits until it can be used, and turns on what it needs.
    /// The inner error says in what a table that was there differs.
    pub async fn make_table(&self) -> StoreResult<Result<(), String>> {
        let mut pause = Pause::default();
        let table = loop {
            match self.found_table().await? {
                Found::Missing => self.create().await?,
                Found::Foreign => return Ok(Err("the table has other keys".to_owned())),
                Found::Ours(table) if is_ready(&table) => break table,
                Found::Ours(_) => {}
            }
            pause.wait().await;
        };
        let differences = differences(&table);
        if !differences.is_empty() {
            return Ok(Err(differences.join("; ")));
        }
        self.expire_items().await
    }

    async fn create(&self) -> StoreResult<()> {
        let (mode, units) = match self.address.billing {
            Billing::OnDemand => (BillingMode::PayPerRequest, None),
            Billing::Provisioned { read, write } => {
                let units = ProvisionedThroughput::builder()
                    .read_capacity_units(read)
                    .write_capacity_units(write);
                (
                    BillingMode::Provisioned,
                    Some(units.build().map_err(incomplete)?),
                )
            }
        };
        let index = over_index()?.set_provisioned_throughput(units.clone());
        let index = index.build().map_err(incomplete)?;
        let mut definitions = Vec::new();
        for (name, kind) in attributes() {
            let one = AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(kind);
            definitions.push(one.build().map_err(incomplete)?);
        }
        let keys = vec![key("pk", KeyType::Hash)?, key("sk", KeyType::Range)?];
        let answer = self
            .request(true, true, |client| {
                let request = client
                    .create_table()
                    .table_name(&self.address.table)
                    .set_key_schema(Some(keys.clone()))
                    .set_attribute_definitions(Some(definitions.clone()))
                    .global_secondary_indexes(index.clone())
                    .billing_mode(mode.clone())
                    .set_provisioned_throughput(units.clone())
                    .set_deletion_protection_enabled(
                        self.address.deletion_protection.then_some(true),
                    );
                async move { request.send().await }
            })
            .await;
        match answer {
            // Another instance makes it at this moment: as good.
            Ok(_) | Err(Failed::Answer(CreateTableError::ResourceInUseException(_))) => Ok(()),
            Err(Failed::Answer(_)) => Err(lost()),
            Err(Failed::Over(error)) => Err(error),
        }
    }

    /// Whether the service deletes what has expired.
    pub async fn expires_items(&self) -> StoreResult<bool> {
        let answer = self
            .request(true, true, |client| {
                let request = client
                    .describe_time_to_live()
                    .table_name(&self.address.table);
                async move { request.send().await }
            })
            .await;
        let answer = match answer {
            Ok(answer) => answer.time_to_live_description,
            Err(Failed::Answer(_)) => return Err(crate::error::no_table()),
            Err(Failed::Over(error)) => return Err(error),
        };
        Ok(answer.is_some_and(|ttl| {
            let on = [TimeToLiveStatus::Enabled, TimeToLiveStatus::Enabling];
            ttl.attribute_name() == Some("ttl")
                && ttl
                    .time_to_live_status()
                    .is_some_and(|status| on.contains(status))
        }))
    }

    async fn expire_items(&self) -> StoreResult<Result<(), String>> {
        if self.expires_items().await? {
            return Ok(Ok(()));
        }
        let wanted = TimeToLiveSpecification::builder()
            .enabled(true)
            .attribute_name("ttl")
            .build()
            .map_err(incomplete)?;
        let answer = self
            .request(true, true, |client| {
                let request = client
                    .update_time_to_live()
                    .table_name(&self.address.table)
                    .time_to_live_specification(wanted.clone());
                async move { request.send().await }
            })
            .await;
        // Another instance may have turned it on in this moment, which is refused.
        if answer.is_err() && !self.expires_items().await? {
            let reason = "time to live could not be turned on for the attribute ttl";
            return Ok(Err(reason.to_owned()));
        }
        Ok(Ok(()))
    }
}

fn is_ready(table: &TableDescription) -> bool {
    let ready = |index: Option<&IndexStatus>| index.is_none_or(|s| *s == IndexStatus::Active);
    matches!(
        table.table_status(),
        Some(TableStatus::Active | TableStatus::Updating)
    ) && table
        .global_secondary_indexes()
        .iter()
        .all(|index| ready(index.index_status()))
}
