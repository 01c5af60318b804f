//! The pool: bounded, honest about what is full, and never poisoned by a call that was dropped.
//! And the password, which shows nowhere.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_app::ports::store::{
    ImportUser, Imported, Rotated, SessionOpened, SignedUp, StoreLimits,
};
use countersign_app::ports::{Store, StoreAdmin, StoreError};
use countersign_domain::audit::Action;
use countersign_domain::user::User;
use countersign_store_postgres::{PostgresOptions, PostgresStore};
use tokio::time::{sleep, timeout};
use tokio_postgres::Client;

mod support;

use support::values::{event, opening, rotation, session, sign_up, user};
use support::{Schema, url_with_password};

fn limits(connections: u32, acquire: u64, call: u64) -> PostgresOptions {
    PostgresOptions {
        limits: StoreLimits {
            connections,
            acquire: Duration::from_millis(acquire),
            call: Duration::from_millis(call),
            ..StoreLimits::default()
        },
        ca_file: None,
    }
}

async fn member(store: &PostgresStore) -> User {
    let user = user();
    assert_eq!(
        store.sign_up(sign_up(&user)).await.unwrap(),
        SignedUp::Created
    );
    user
}

/// Holds a user so that no change of theirs goes on, until the connection commits.
async fn hold(beside: &Client, user: &User) {
    beside.batch_execute("BEGIN").await.unwrap();
    beside
        .query_one(
            "SELECT 1 FROM users WHERE id = $1 FOR UPDATE",
            &[user.id.as_uuid()],
        )
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_pool_turns_calls_away_in_time() {
    let schema = Schema::new();
    schema.store().migrate().await.unwrap();
    let store = Arc::new(schema.store_with(limits(2, 300, 10_000)));
    let user = member(&store).await;
    let beside = schema.client().await;
    hold(&beside, &user).await;
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let (store, intent) = (Arc::clone(&store), opening(&session(&user)));
            tokio::spawn(async move { store.open_session(intent).await })
        })
        .collect();
    // A transaction sees the same activity all along: another connection looks.
    let eyes = schema.client().await;
    let start = Instant::now();
    while schema
        .connections_where(&eyes, "wait_event_type = 'Lock'")
        .await
        < 2
    {
        assert!(start.elapsed() < Duration::from_secs(1), "nobody waits");
        sleep(Duration::from_millis(10)).await;
    }
    let before = store.activity();
    let start = Instant::now();
    let refused = store.account(user.id).await.unwrap_err();
    let took = start.elapsed();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    assert!(took < Duration::from_millis(600), "{took:?}");
    assert_eq!(store.activity().turned_away, before.turned_away + 1);
    beside.batch_execute("COMMIT").await.unwrap();
    for call in waiting {
        let opened = call.await.unwrap().unwrap();
        assert!(matches!(opened, SessionOpened::Opened { .. }), "{opened:?}");
    }
    assert!(store.account(user.id).await.unwrap().is_some());
    // Never more than there may be.
    assert_eq!(schema.connections_where(&eyes, "true").await, 2);
    assert_eq!(store.activity().connections_opened, 2);
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_waits_for_a_lock_is_answered_in_time_and_leaves_no_trace() {
    let schema = Schema::new();
    schema.store().migrate().await.unwrap();
    let store = schema.store_with(limits(1, 300, 600));
    let user = member(&store).await;
    let beside = schema.client().await;
    hold(&beside, &user).await;
    let start = Instant::now();
    let opening = opening(&session(&user));
    let refused = store.open_session(opening).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    assert!(start.elapsed() < Duration::from_millis(900));
    // The connection is at rest again, or gone; others go on.
    assert!(store.account(user.id).await.unwrap().is_some());
    assert_eq!(
        schema
            .connections_where(&beside, "state = 'idle in transaction'")
            .await,
        0
    );
    beside.batch_execute("COMMIT").await.unwrap();
    schema.drop_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_dropped_in_the_middle_leaves_no_lock_and_no_poisoned_connection() {
    let schema = Schema::new();
    schema.store().migrate().await.unwrap();
    let store = schema.store_with(limits(1, 1_000, 1_500));
    let user = member(&store).await;
    let beside = schema.client().await;

    // While it waits for a lock, with a transaction open.
    hold(&beside, &user).await;
    let call = store.open_session(opening(&session(&user)));
    assert!(timeout(Duration::from_millis(150), call).await.is_err());
    assert!(store.account(user.id).await.unwrap().is_some());
    beside.batch_execute("COMMIT").await.unwrap();

    // At any moment: whole or not at all, and the next call finds all in order.
    let mut tried = Vec::new();
    for step in 0..120_u64 {
        let new = session(&user);
        let mut intent = opening(&new);
        intent.event.session_id = Some(new.id);
        let call = store.open_session(intent);
        let _ = timeout(Duration::from_micros(step * 60), call).await;
        tried.push(new.id);
        if step % 10 == 0 {
            assert!(store.account(user.id).await.unwrap().is_some());
        }
    }
    let opened = store.open_session(opening(&session(&user))).await;
    assert!(matches!(opened.unwrap(), SessionOpened::Opened { .. }));
    let mut whole = 0;
    for id in tried {
        let row = beside
            .query_one(
                "SELECT (SELECT count(*) FROM sessions WHERE id = $1),
                     (SELECT count(*) FROM audit_events WHERE session_id = $1)",
                &[id.as_uuid()],
            )
            .await
            .unwrap();
        let (session, line): (i64, i64) = (row.get(0), row.get(1));
        assert_eq!(session, line, "a change came in half");
        whole += session;
    }
    assert!(whole < 120, "no call was dropped in time");
    let start = Instant::now();
    while schema
        .connections_where(&beside, "state LIKE 'idle in transaction%'")
        .await
        > 0
    {
        assert!(
            start.elapsed() < Duration::from_secs(1),
            "a transaction stayed open"
        );
        sleep(Duration::from_millis(10)).await;
    }
    schema.drop_all().await;
}

#[tokio::test]
async fn a_connection_that_was_ended_is_replaced_without_a_word() {
    let schema = Schema::new();
    schema.store().migrate().await.unwrap();
    let store = schema.store_with(limits(1, 1_000, 1_500));
    let user = member(&store).await;
    let above = support::connect(&support::superuser_url()).await;
    for _ in 0..3 {
        above
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE application_name = $1",
                &[&schema.name],
            )
            .await
            .unwrap();
        assert!(store.account(user.id).await.unwrap().is_some());
    }
    let activity = store.activity();
    assert!(activity.connections_opened >= 4, "{activity:?}");
    schema.drop_all().await;
}

#[tokio::test]
async fn connections_are_made_once_and_used_again() {
    let schema = Schema::new();
    let store = schema.store();
    assert_eq!(
        store.activity(),
        countersign_app::ports::store::Activity::default()
    );
    store.migrate().await.unwrap();
    for _ in 0..20 {
        store.record(event(Action::LoginRefused)).await.unwrap();
    }
    let activity = store.activity();
    assert_eq!(activity.connections_opened, 1);
    assert!(activity.connections_reused >= 20);
    schema.drop_all().await;
}

async fn trips<T>(store: &PostgresStore, call: impl Future<Output = T>) -> (u64, T) {
    let before = store.activity().round_trips;
    let answer = call.await;
    (store.activity().round_trips - before, answer)
}

/// See the table in `docs/stores/postgresql.md`.
#[tokio::test]
async fn calls_cost_the_round_trips_that_are_written_down() {
    let schema = Schema::new();
    let store = schema.store();
    store.migrate().await.unwrap();
    // The second time, all is prepared.
    for is_warm in [false, true] {
        let user = user();
        let mut costs = Vec::new();
        let (cost, made) = trips(&store, store.sign_up(sign_up(&user))).await;
        assert_eq!(made.unwrap(), SignedUp::Created);
        costs.push(("sign-up", cost, 1));
        let (cost, taken) = trips(&store, store.sign_up(sign_up(&user))).await;
        assert_ne!(taken.unwrap(), SignedUp::Created);
        costs.push(("refused sign-up", cost, 2));
        let name = user.username.as_ref().unwrap().as_str().parse().unwrap();
        let (cost, found) = trips(&store, store.login_record(&name)).await;
        assert!(found.unwrap().is_some());
        costs.push(("login, looking", cost, 1));
        let session = session(&user);
        let (cost, opened) = trips(&store, store.open_session(opening(&session))).await;
        assert!(matches!(opened.unwrap(), SessionOpened::Opened { .. }));
        costs.push(("login, opening", cost, 2));
        let (cost, found) = trips(&store, store.session_of(user.id, session.id)).await;
        assert!(found.unwrap().is_some());
        costs.push(("me", cost, 1));
        let spent = rotation(&session, 60);
        let (cost, rotated) = trips(&store, store.rotate(spent.clone())).await;
        assert!(matches!(rotated.unwrap(), Rotated::Rotated(..)));
        costs.push(("refresh", cost, 1));
        let (cost, retried) = trips(&store, store.rotate(spent)).await;
        assert!(matches!(retried.unwrap(), Rotated::Retried { .. }));
        costs.push(("repeated refresh", cost, 3));
        let users = vec![ImportUser {
            user: support::values::user(),
            password: None,
            event: event(Action::UserImported),
        }];
        let (cost, imported) = trips(&store, store.import_users(users)).await;
        assert_eq!(imported.unwrap(), [Imported::Created]);
        costs.push(("import", cost, 4));
        let line = event(Action::LoginRefused);
        let (cost, recorded) = trips(&store, store.record(line)).await;
        recorded.unwrap();
        costs.push(("a line", cost, 1));
        for (what, cost, written) in costs {
            assert!(!is_warm || cost == written, "{what}: {cost} round trips");
        }
    }
    schema.drop_all().await;
}

#[tokio::test]
async fn the_password_shows_nowhere() {
    let good = url_with_password();
    let bad = good.replace("open%20sesame%2F%3F", "n0t-the-s3cret");
    assert_ne!(good, bad);
    let store = PostgresStore::new(&bad, PostgresOptions::default()).unwrap();
    let refused = store.ping().await.unwrap_err();
    assert!(
        matches!(&refused, StoreError::Unavailable(why) if why.contains("password")),
        "{refused}"
    );
    let foreign = store.pending_migrations().await.unwrap_err();
    let shown = [
        format!("{refused} {refused:?}"),
        format!("{foreign} {foreign:?}"),
        format!("{store:?}"),
        store.address(),
    ];
    for text in shown {
        assert!(!text.contains("s3cret"), "{text}");
        assert!(!text.is_empty());
    }
}
