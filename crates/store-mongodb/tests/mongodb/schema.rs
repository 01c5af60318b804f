//! The schema: made once however many begin at once, and refused where it is not ours to use.

use crate::common::server::Server;
use crate::common::{TestDatabase, samples};
use countersign_app::ports::StoreAdmin as _;
use mongodb::bson::{DateTime, Document, doc};

async fn step(database: &TestDatabase, version: i64, serves_from: i64) {
    let schema = database
        .bare()
        .await
        .collection::<Document>("countersign_schema");
    let step = doc! {
        "_id": version, "name": "later", "checksum": "0", "serves_from": serves_from,
    };
    schema.insert_one(step).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_instances_that_migrate_at_once_one_does() {
    let database = TestDatabase::new();
    let migrations = (0..8).map(|_| {
        let store = database.patient();
        tokio::spawn(async move { store.migrate().await.unwrap() })
    });
    let mut applied = Vec::new();
    for migration in migrations.collect::<Vec<_>>() {
        applied.extend(migration.await.unwrap());
    }
    assert_eq!(applied, ["0001_first"]);
    let store = database.patient();
    assert!(store.pending_migrations().await.unwrap().is_empty());
    assert_eq!(store.engine_problems().await.unwrap(), Vec::<String>::new());
    samples::signed_up(&store).await;
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_told_before_it_is_made() {
    let database = TestDatabase::new();
    let store = database.patient();
    assert_eq!(store.pending_migrations().await.unwrap(), ["0001_first"]);
    let names = database.bare().await.list_collection_names().await.unwrap();
    assert_eq!(names, Vec::<String>::new(), "a look made something");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_that_serves_this_program_is_used_and_another_is_refused() {
    let database = TestDatabase::new();
    let store = database.patient();
    store.migrate().await.unwrap();
    step(&database, 2, 1).await;
    assert!(store.pending_migrations().await.unwrap().is_empty());
    assert!(store.migrate().await.unwrap().is_empty());
    samples::signed_up(&store).await;
    step(&database, 3, 3).await;
    for refused in [store.pending_migrations().await, store.migrate().await] {
        assert_eq!(refused.unwrap_err().code(), "store_too_new");
    }
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_reads_differently_is_refused() {
    let database = TestDatabase::new();
    step(&database, 1, 1).await;
    let refused = database.patient().migrate().await.unwrap_err();
    assert_eq!(refused.code(), "store_migration_changed");
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_another_program_is_left_alone() {
    let database = TestDatabase::new();
    let theirs = database.bare().await.collection::<Document>("theirs");
    theirs.insert_one(doc! {"n": 1}).await.unwrap();
    let refused = database.patient().migrate().await.unwrap_err();
    assert_eq!(refused.code(), "store_foreign");
    assert!(refused.to_string().contains(&database.name), "{refused}");
    let names = database.bare().await.list_collection_names().await.unwrap();
    assert_eq!(names, ["theirs"]);
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_broken_off_is_done_again() {
    let database = TestDatabase::new();
    let store = database.patient();
    store.migrate().await.unwrap();
    let bare = database.bare().await;
    // As after a crash before the step was recorded, with one index not made.
    bare.run_command(doc! {"dropIndexes": "users", "index": "users_by_email"})
        .await
        .unwrap();
    let schema = bare.collection::<Document>("countersign_schema");
    // The lease of the instance that died, which ran out a moment ago.
    let before = DateTime::from_millis(DateTime::now().timestamp_millis() - 1_000);
    let lease = doc! {"_id": "lease", "owner": "nobody", "until": before};
    schema.delete_many(doc! {}).await.unwrap();
    schema.insert_one(lease).await.unwrap();
    let problems = store.engine_problems().await.unwrap();
    assert_eq!(problems, ["the index users_by_email is missing"]);
    assert_eq!(store.migrate().await.unwrap(), ["0001_first"]);
    assert_eq!(store.engine_problems().await.unwrap(), Vec::<String>::new());
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stands_alone_is_refused() {
    let server = Server::start(&[("COUNTERSIGN_MONGODB_STANDALONE", "1")]);
    let store = TestDatabase::on(&server.url()).patient();
    let refused = store.migrate().await.unwrap_err();
    assert_eq!(refused.code(), "store_migration_failed");
    assert!(refused.to_string().contains("--replSet"), "{refused}");
}
