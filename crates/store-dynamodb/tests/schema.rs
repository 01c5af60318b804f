//! Migrations: once, by whoever comes first, on tables of ours alone.

#![expect(
    clippy::unwrap_used,
    reason = "this is test code: it ends at the first surprise"
)]

#[path = "support/mod.rs"]
mod support;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};
use countersign_app::ports::store::SignedUp;
use countersign_app::ports::{Store, StoreAdmin};
use countersign_app::schema::SchemaError;
use support::samples::{sign_up, user};
use support::{Table, client};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_instances_that_migrate_at_once_apply_each_step_once() {
    let table = Table::named();
    assert_eq!(
        table.store().pending_migrations().await.unwrap(),
        ["0001_first"]
    );
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = table.store();
            tokio::spawn(async move { store.migrate().await.unwrap() })
        })
        .collect();
    let mut applied = Vec::new();
    for task in tasks {
        applied.extend(task.await.unwrap());
    }
    assert_eq!(applied, ["0001_first"]);
    assert_eq!(table.store().pending_migrations().await.unwrap(), [""; 0]);
    assert_eq!(table.store().engine_problems().await.unwrap(), [""; 0]);
    table.drop().await;
}

async fn record(table: &Table, version: u32, serves_from: u32, checksum: &str) {
    let (s, n) = (
        |text: &str| AttributeValue::S(text.to_owned()),
        |number: u32| AttributeValue::N(number.to_string()),
    );
    client(&table.endpoint)
        .put_item()
        .table_name(&table.name)
        .item("pk", s("MIGRATIONS"))
        .item("sk", s(&format!("{version:04}")))
        .item("kind", s("migration"))
        .item("version", n(version))
        .item("name", s("later"))
        .item("checksum", s(checksum))
        .item("serves_from", n(serves_from))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_worked_with_if_it_serves_this_program() {
    let table = Table::made().await;
    record(&table, 2, 1, "x").await;
    assert_eq!(table.store().migrate().await.unwrap(), [""; 0]);
    let made = table.store().sign_up(sign_up(&user(), None)).await.unwrap();
    assert_eq!(made, SignedUp::Created);
    record(&table, 3, 3, "x").await;
    let refused = table.store().migrate().await;
    assert!(
        matches!(refused, Err(SchemaError::TooNew { version: 3, .. })),
        "{refused:?}"
    );
    table.drop().await;
}

#[tokio::test]
async fn a_step_that_reads_differently_is_refused() {
    let table = Table::made().await;
    record(&table, 1, 1, "another").await;
    let refused = table.store().pending_migrations().await;
    assert!(
        matches!(refused, Err(SchemaError::Changed { version: 1, .. })),
        "{refused:?}"
    );
    table.drop().await;
}

async fn make(table: &Table, hash: &str, range: &str) {
    let definition = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let key = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    client(&table.endpoint)
        .create_table()
        .table_name(&table.name)
        .attribute_definitions(definition(hash))
        .attribute_definitions(definition(range))
        .key_schema(key(hash, KeyType::Hash))
        .key_schema(key(range, KeyType::Range))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_table_of_another_program_is_refused_and_left_as_it_is() {
    let other_keys = Table::named();
    make(&other_keys, "customer", "order").await;
    let other_items = Table::named();
    make(&other_items, "pk", "sk").await;
    client(&other_items.endpoint)
        .put_item()
        .table_name(&other_items.name)
        .item("pk", AttributeValue::S("CUSTOMER#1".to_owned()))
        .item("sk", AttributeValue::S("ORDER#1".to_owned()))
        .send()
        .await
        .unwrap();
    for table in [other_keys, other_items] {
        for refused in [
            table.store().pending_migrations().await,
            table.store().migrate().await,
        ] {
            assert!(
                matches!(refused, Err(SchemaError::Foreign(_))),
                "{refused:?}"
            );
        }
        table.drop().await;
    }
}

#[tokio::test]
async fn a_table_from_a_template_that_does_not_fit_is_told_in_what() {
    let table = Table::named();
    make(&table, "pk", "sk").await;
    let refused = table.store().migrate().await.unwrap_err();
    assert_eq!(refused.code(), "store_migration_failed");
    assert!(
        refused.to_string().contains("the index over is missing"),
        "{refused}"
    );
    table.drop().await;
}
