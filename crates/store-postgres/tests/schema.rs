//! The schema comes about once, however many instances start; what is not ours is left alone; and
//! what somebody broke by hand is seen.

use std::sync::Arc;

use countersign_app::ports::{Store, StoreAdmin, StoreError};
use countersign_app::schema::SchemaError;
use countersign_domain::audit::Action;
use countersign_store_postgres::{PostgresOptions, PostgresStore};
use tokio::sync::Barrier;

mod support;

use support::values::event;
use support::{Schema, connect, superuser_url};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_eight_instances_that_start_at_once_one_makes_the_schema() {
    let schema = Schema::new();
    let start = Arc::new(Barrier::new(8));
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let (store, start) = (schema.store(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                let applied = store.migrate().await.unwrap();
                store.record(event(Action::LoginRefused)).await.unwrap();
                applied
            })
        })
        .collect();
    let mut applied = Vec::new();
    for start in starts {
        applied.extend(start.await.unwrap());
    }
    assert_eq!(applied, ["0001_first"]);
    assert_eq!(
        schema.store().engine_problems().await.unwrap(),
        Vec::<String>::new()
    );
    schema.drop_all().await;
}

#[tokio::test]
async fn looking_for_what_is_pending_changes_nothing() {
    let schema = Schema::new();
    let store = schema.store();
    assert_eq!(store.pending_migrations().await.unwrap(), ["0001_first"]);
    let count = schema
        .client()
        .await
        .query_one(
            "SELECT count(*) FROM pg_namespace WHERE nspname = $1",
            &[&schema.name],
        )
        .await
        .unwrap();
    assert_eq!(count.get::<_, i64>(0), 0);
    // Nothing works before, and it says what to do.
    let refused = store.record(event(Action::LoginRefused)).await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Unavailable(why) if why.contains("countersign migrate")),
        "{refused}"
    );
}

#[tokio::test]
async fn a_newer_schema_is_used_if_it_serves_this_program_and_refused_if_not() {
    let schema = Schema::new();
    let store = schema.store();
    store.migrate().await.unwrap();
    let beside = schema.client().await;
    beside
        .batch_execute(
            "INSERT INTO countersign_migrations VALUES (99, 'later', 'of another program', 1, 0)",
        )
        .await
        .unwrap();
    assert!(store.pending_migrations().await.unwrap().is_empty());
    assert!(schema.store().migrate().await.unwrap().is_empty());
    beside
        .batch_execute("UPDATE countersign_migrations SET serves_from = 99 WHERE version = 99")
        .await
        .unwrap();
    for refused in [
        store.pending_migrations().await.unwrap_err(),
        store.migrate().await.unwrap_err(),
    ] {
        assert!(
            matches!(refused, SchemaError::TooNew { version: 99, .. }),
            "{refused}"
        );
    }
    beside
        .batch_execute(
            "DELETE FROM countersign_migrations WHERE version = 99;
             UPDATE countersign_migrations SET checksum = 'edited'",
        )
        .await
        .unwrap();
    let refused = store.migrate().await.unwrap_err();
    assert!(
        matches!(refused, SchemaError::Changed { version: 1, .. }),
        "{refused}"
    );
    schema.drop_all().await;
}

#[tokio::test]
async fn tables_of_our_names_that_are_not_ours_are_refused_and_others_are_not() {
    let schema = Schema::new();
    let beside = schema.client().await;
    let make = format!(
        "CREATE SCHEMA {0}; CREATE TABLE {0}.articles (id int)",
        schema.name
    );
    beside.batch_execute(&make).await.unwrap();
    beside
        .batch_execute("CREATE TABLE users (id int)")
        .await
        .unwrap();
    let store = schema.store();
    let refused = store.migrate().await.unwrap_err();
    assert!(matches!(refused, SchemaError::Foreign(_)), "{refused}");
    assert!(refused.to_string().contains(&schema.name), "{refused}");
    beside.batch_execute("DROP TABLE users").await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), ["0001_first"]);
    beside
        .batch_execute("SELECT id FROM articles")
        .await
        .unwrap();
    schema.drop_all().await;
}

#[tokio::test]
async fn a_role_that_may_not_make_a_schema_is_told_what_to_ask_for() {
    let schema = Schema::new();
    let above = connect(&superuser_url()).await;
    let role = format!("role_{}", schema.name);
    let make = format!("CREATE ROLE {role} LOGIN");
    above.batch_execute(&make).await.unwrap();
    let url = schema.url.replace("//countersign@", &format!("//{role}@"));
    let store = PostgresStore::new(&url, PostgresOptions::default()).unwrap();
    let refused = store.migrate().await.unwrap_err();
    assert!(matches!(refused, SchemaError::Failed { .. }), "{refused}");
    let advice = format!("CREATE SCHEMA {}", schema.name);
    assert!(refused.to_string().contains(&advice), "{refused}");

    let grant = format!("CREATE SCHEMA {} AUTHORIZATION {role}", schema.name);
    above.batch_execute(&grant).await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), ["0001_first"]);
    store.record(event(Action::LoginRefused)).await.unwrap();
    drop(store);
    let clear = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    above.batch_execute(&clear).await.unwrap();
}

#[tokio::test]
async fn what_was_dropped_by_hand_is_a_problem() {
    let schema = Schema::new();
    let store = schema.store();
    store.migrate().await.unwrap();
    schema
        .client()
        .await
        .batch_execute("DROP INDEX sessions_by_end; DELETE FROM guards WHERE name = 'admins'")
        .await
        .unwrap();
    let problems = store.engine_problems().await.unwrap();
    assert_eq!(
        problems,
        [
            "the index sessions_by_end is missing",
            "the table guards has not the rows that it must have"
        ]
    );
    schema.drop_all().await;
}
