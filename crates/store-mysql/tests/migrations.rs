//! Migrations on a real server: at once, beside newer ones, after an interruption, and never in
//! somebody else's database.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't reach its server has failed"
)]

mod server;

use std::sync::Arc;

use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store::{SignedUp, Store};
use countersign_app::ports::store_admin::RecordKind;
use countersign_app::schema::SchemaError;
use mysql_async::prelude::Queryable;
use server::Fresh;
use server::samples::{sign_up, user};
use tokio::sync::Barrier;

const ALL: [&str; 1] = ["0001_first"];

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_instances_that_migrate_at_once_one_does() {
    for _ in 0..3 {
        let fresh = Fresh::new().await;
        let start = Arc::new(Barrier::new(8));
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (store, start) = (fresh.patient_store(), Arc::clone(&start));
                tokio::spawn(async move {
                    assert_eq!(store.pending_migrations().await.unwrap(), ALL);
                    start.wait().await;
                    store.migrate().await.unwrap()
                })
            })
            .collect();
        let mut applied = Vec::new();
        for task in tasks {
            applied.extend(task.await.unwrap());
        }
        assert_eq!(applied, ALL);
        let store = fresh.patient_store();
        assert!(store.pending_migrations().await.unwrap().is_empty());
        assert_eq!(store.engine_problems().await.unwrap(), Vec::<String>::new());
        fresh.drop_database().await;
    }
}

#[tokio::test]
async fn a_newer_step_is_tolerated_if_it_serves_this_program() {
    let fresh = Fresh::new().await;
    let store = fresh.patient_store();
    store.migrate().await.unwrap();
    fresh
        .run(
            "INSERT INTO countersign_migrations (version, name, checksum, serves_from)
             VALUES (9, 'later', 'x', 1)",
        )
        .await;
    assert!(store.pending_migrations().await.unwrap().is_empty());
    assert!(store.migrate().await.unwrap().is_empty());
    let made = store.sign_up(sign_up(&user())).await.unwrap();
    assert_eq!(made, SignedUp::Created);

    fresh
        .run("UPDATE countersign_migrations SET serves_from = 9 WHERE version = 9")
        .await;
    for refused in [
        store.pending_migrations().await.unwrap_err(),
        store.migrate().await.unwrap_err(),
    ] {
        assert!(
            matches!(refused, SchemaError::TooNew { version: 9, .. }),
            "{refused:?}"
        );
    }
    fresh.drop_database().await;
}

#[tokio::test]
async fn a_step_that_reads_differently_is_refused() {
    let fresh = Fresh::new().await;
    let store = fresh.patient_store();
    store.migrate().await.unwrap();
    fresh
        .run("UPDATE countersign_migrations SET checksum = 'another'")
        .await;
    let refused = store.migrate().await.unwrap_err();
    assert!(matches!(refused, SchemaError::Changed { version: 1, .. }));
    fresh.drop_database().await;
}

#[tokio::test]
async fn an_interrupted_migration_is_finished_by_the_next_one() {
    // What a crash leaves: the marking table, some of the others, and no record of the step.
    let later = [
        "audit_events",
        "tasks",
        "heartbeat",
        "instance",
        "key_records",
        "idempotency_keys",
        "personal_tokens",
        "sessions",
        "user_roles",
        "roles",
        "users",
    ];
    for missing in 0..=later.len() {
        let fresh = Fresh::new().await;
        let store = fresh.patient_store();
        store.migrate().await.unwrap();
        fresh.run("DELETE FROM countersign_migrations").await;
        for table in &later[..missing] {
            fresh.run(&format!("DROP TABLE {table}")).await;
        }
        if missing < 4 {
            // Between the making of a table and of its only row.
            fresh.run("DELETE FROM instance").await;
        }
        assert_eq!(store.pending_migrations().await.unwrap(), ALL);
        assert_eq!(store.migrate().await.unwrap(), ALL);
        assert_eq!(store.engine_problems().await.unwrap(), Vec::<String>::new());
        assert!(store.is_empty().await.unwrap());
        store.ping().await.unwrap();
        let made = store.sign_up(sign_up(&user())).await.unwrap();
        assert_eq!(made, SignedUp::Created);
        assert_eq!(store.keys().await.unwrap().version, 0);
        fresh.drop_database().await;
    }
}

#[tokio::test]
async fn somebody_elses_database_is_refused_and_left_as_it_is() {
    for table in ["users", "Sessions", "invoices", "schema_migrations"] {
        let fresh = Fresh::new().await;
        fresh
            .run(&format!("CREATE TABLE {table} (id INT PRIMARY KEY)"))
            .await;
        let store = fresh.patient_store();
        for refused in [
            store.pending_migrations().await.unwrap_err(),
            store.migrate().await.unwrap_err(),
        ] {
            assert!(matches!(refused, SchemaError::Foreign(_)), "{refused:?}");
            assert!(refused.to_string().contains(&fresh.name));
        }
        let mut conn = fresh.connection().await;
        let tables: Vec<String> = conn.query("SHOW TABLES").await.unwrap();
        assert_eq!(tables, [table]);
        conn.disconnect().await.unwrap();
        fresh.drop_database().await;
    }
}

#[tokio::test]
async fn what_was_taken_from_the_schema_is_reported() {
    let fresh = Fresh::new().await;
    let store = fresh.patient_store();
    store.migrate().await.unwrap();
    fresh
        .run(
            "ALTER TABLE users DROP INDEX users_by_email;
             ALTER TABLE user_roles DROP FOREIGN KEY user_roles_of_users;
             ALTER TABLE tasks ENGINE = MyISAM",
        )
        .await;
    let problems = store.engine_problems().await.unwrap().join("\n");
    for word in ["users_by_email", "user_roles_of_users", "MyISAM"] {
        assert!(problems.contains(word), "{problems}");
    }
    fresh.drop_database().await;
}

#[tokio::test]
async fn the_engine_guesses_how_many_records_there_are() {
    let fresh = Fresh::new().await;
    let store = fresh.patient_store();
    store.migrate().await.unwrap();
    for _ in 0..50 {
        let made = store.sign_up(sign_up(&user())).await.unwrap();
        assert_eq!(made, SignedUp::Created);
    }
    fresh.run("ANALYZE TABLE users").await;
    let users = store.estimate(RecordKind::User).await.unwrap().unwrap();
    assert!((25..=100).contains(&users), "{users}");
    assert_eq!(store.estimate(RecordKind::Keys).await.unwrap(), Some(0));
    fresh.drop_database().await;
}
