//! What others do to the database at the same time: roles deleted under a definition and held by
//! very many, a schema changed under prepared statements, a server that lets go of one connection.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_app::ports::store::{
    DefineRole, DeleteRole, RoleDefined, RoleDeleted, SessionOpened, SetUserState, SignedUp,
    StoreLimits, UserChanged,
};
use countersign_app::ports::{Store, StoreAdmin};
use countersign_domain::audit::Action;
use countersign_domain::role::Role;
use countersign_domain::standing::By;
use countersign_domain::user::{User, UserState};
use countersign_store_postgres::{PostgresOptions, PostgresStore};
use countersign_token::Scopes;
use tokio::time::sleep;
use tokio_postgres::Client;

mod support;

use support::Schema;
use support::values::{at, event, opening, session, sign_up, user};

fn with_calls_of(call: u64) -> PostgresOptions {
    PostgresOptions {
        limits: StoreLimits {
            connections: 2,
            call: Duration::from_millis(call),
            ..StoreLimits::default()
        },
        ca_file: None,
    }
}

fn editor() -> Role {
    Role {
        name: "editor".parse().unwrap(),
        description: "writes".parse().unwrap(),
        scopes: Scopes::default(),
    }
}

async fn define(store: &PostgresStore) -> RoleDefined {
    let defined = store
        .define_role(DefineRole {
            by: By::Operator,
            role: editor(),
            event: event(Action::RoleDefined),
        })
        .await;
    defined.unwrap()
}

/// Waits until so many calls on the schema wait for a lock.
async fn waiting(schema: &Schema, eyes: &Client, calls: i64) {
    let start = Instant::now();
    while schema
        .connections_where(eyes, "wait_event_type = 'Lock'")
        .await
        < calls
    {
        assert!(start.elapsed() < Duration::from_secs(3), "nobody waits");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_defined_while_it_is_being_deleted_is_there_afterwards() {
    let schema = Schema::new();
    let store = Arc::new(schema.store_with(with_calls_of(10_000)));
    store.migrate().await.unwrap();
    assert_eq!(define(&store).await, RoleDefined::Created);
    assert_eq!(define(&store).await, RoleDefined::Changed);
    let (beside, eyes) = (schema.client().await, schema.client().await);
    beside
        .batch_execute("BEGIN; DELETE FROM roles WHERE name = 'editor'")
        .await
        .unwrap();
    let defining = Arc::clone(&store);
    let defining = tokio::spawn(async move { define(&defining).await });
    waiting(&schema, &eyes, 1).await;
    beside.batch_execute("COMMIT").await.unwrap();
    assert_eq!(defining.await.unwrap(), RoleDefined::Created);
    assert_eq!(store.roles().await.unwrap(), [editor()]);
    schema.drop_all().await;
}

#[tokio::test]
async fn a_role_that_very_many_hold_can_be_deleted() {
    let schema = Schema::new();
    schema.store().migrate().await.unwrap();
    // Too short for the change, were it an ordinary call.
    let store = schema.store_with(with_calls_of(100));
    assert_eq!(define(&schema.store()).await, RoleDefined::Created);
    let beside = schema.client().await;
    beside
        .batch_execute(
            "INSERT INTO users (id, username, email_verified, state, scopes, created_at,
                 updated_at, version)
             SELECT gen_random_uuid(), 'name' || n, false, 'active', '', 0, 0, 1
             FROM generate_series(1, 30000) n;
             INSERT INTO user_roles (user_id, role) SELECT id, 'editor' FROM users;
             ANALYZE users, user_roles",
        )
        .await
        .unwrap();
    let deleted = store
        .delete_role(DeleteRole {
            by: By::Operator,
            name: editor().name,
            event: event(Action::RoleDeleted),
        })
        .await;
    assert_eq!(deleted.unwrap(), RoleDeleted::Deleted);
    let row = beside
        .query_one(
            "SELECT (SELECT count(*) FROM user_roles), (SELECT count(*) FROM users WHERE version = 2)",
            &[],
        )
        .await
        .unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (0, 30_000));
    schema.drop_all().await;
}

#[tokio::test]
async fn a_schema_changed_under_prepared_statements_stops_no_call() {
    let schema = Schema::new();
    let store = schema.store();
    store.migrate().await.unwrap();
    let beside = schema.client().await;
    let member: User = user();
    let made = store.sign_up(sign_up(&member)).await.unwrap();
    assert_eq!(made, SignedUp::Created);
    let lock = || SetUserState {
        by: countersign_domain::standing::By::Operator,
        user_id: member.id,
        state: UserState::Locked,
        expected_version: None,
        now: at(1),
        event: event(Action::UserStateChanged),
    };
    for kind in ["varchar(4000)", "text"] {
        // A read and a change, both prepared before the columns become others.
        for _ in 0..2 {
            assert!(store.account(member.id).await.unwrap().is_some());
            let changed = store.set_user_state(lock()).await.unwrap();
            assert!(matches!(changed, UserChanged::Changed(_)), "{changed:?}");
        }
        let alter = format!("ALTER TABLE users ALTER display_name TYPE {kind}");
        beside.batch_execute(&alter).await.unwrap();
        if kind == "text" {
            let changed = store.set_user_state(lock()).await.unwrap();
            assert!(matches!(changed, UserChanged::Changed(_)), "{changed:?}");
        }
        assert!(store.account(member.id).await.unwrap().is_some());
    }
    assert_eq!(store.activity().connections_opened, 3);
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_in_use_while_the_others_are_given_up_is_given_up_after_its_call() {
    let schema = Schema::new();
    let store = Arc::new(schema.store_with(with_calls_of(10_000)));
    store.migrate().await.unwrap();
    let member = user();
    let made = store.sign_up(sign_up(&member)).await.unwrap();
    assert_eq!(made, SignedUp::Created);
    let (beside, eyes) = (schema.client().await, schema.client().await);
    let above = support::connect(&support::superuser_url()).await;
    beside
        .batch_execute("BEGIN; SELECT 1 FROM users FOR UPDATE")
        .await
        .unwrap();
    let calls: Vec<_> = (0..2)
        .map(|_| {
            let (store, intent) = (Arc::clone(&store), opening(&session(&member)));
            tokio::spawn(async move { store.open_session(intent).await })
        })
        .collect();
    waiting(&schema, &eyes, 2).await;
    let rows = above
        .query(
            "SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY pid",
            &[&schema.name],
        )
        .await
        .unwrap();
    let pids: Vec<i32> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(pids.len(), 2);
    above
        .execute("SELECT pg_terminate_backend($1)", &[&pids[0]])
        .await
        .unwrap();
    let start = Instant::now();
    while !calls.iter().any(tokio::task::JoinHandle::is_finished) {
        assert!(start.elapsed() < Duration::from_secs(3), "nobody noticed");
        sleep(Duration::from_millis(5)).await;
    }
    beside.batch_execute("COMMIT").await.unwrap();
    let mut opened = 0;
    for call in calls {
        let answer = call.await.unwrap();
        opened += usize::from(matches!(answer, Ok(SessionOpened::Opened { .. })));
    }
    assert_eq!(opened, 1);
    let left = format!("pid = {}", pids[1]);
    let start = Instant::now();
    while schema.connections_where(&eyes, &left).await > 0 {
        assert!(start.elapsed() < Duration::from_secs(3), "it came back");
        sleep(Duration::from_millis(10)).await;
    }
    assert!(store.account(member.id).await.unwrap().is_some());
    schema.drop_all().await;
}
