//! The server goes away and comes back: killed, hanging, or replaced by its replica. Each test has
//! a server of its own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use countersign_app::ports::store::AuditFilter;
use countersign_app::ports::{Store, StoreAdmin, StoreError};
use countersign_domain::audit::Action;
use countersign_domain::id::EventId;
use countersign_domain::page::{Cursor, PageRequest};
use countersign_store_postgres::{PostgresOptions, PostgresStore};
use tokio::time::sleep;

mod support;

use support::Schema;
use support::server::Server;
use support::values::event;

/// Every answer comes within this, be it that there is none.
const ANSWERED: Duration = Duration::from_secs(2);
/// And the store works again within this of the server's return.
const RECOVERED: Duration = Duration::from_secs(5);

/// Writes one event: `Some` if it was acknowledged.
async fn write(store: &PostgresStore) -> Option<EventId> {
    let event = event(Action::LoginRefused);
    let id = event.id;
    let start = Instant::now();
    let answer = store.record(event).await;
    let took = start.elapsed();
    assert!(took < ANSWERED, "{took:?}");
    match answer {
        Ok(()) => Some(id),
        Err(StoreError::Unavailable(_)) => None,
        Err(other) => panic!("{other}"),
    }
}

/// Writes until it succeeds again, and tells how long that took.
async fn recover(store: &PostgresStore) -> Duration {
    let start = Instant::now();
    while write(store).await.is_none() {
        assert!(start.elapsed() < RECOVERED, "it does not recover");
        sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}

async fn logged(store: &PostgresStore) -> Vec<EventId> {
    let mut ids: Vec<EventId> = Vec::new();
    loop {
        let cursor = ids.last().map(|id| Cursor::after(id.as_uuid()));
        let request = PageRequest::forward(cursor, PageRequest::MAX);
        let page = store.audit_events(&AuditFilter::default(), &request).await;
        let page = page.unwrap();
        ids.extend(page.items.iter().map(|event| event.id));
        if !page.more {
            return ids;
        }
    }
}

/// Writers at work until they are told to stop; each gives what was acknowledged to it.
fn writers(
    store: &Arc<PostgresStore>,
    stop: &Arc<AtomicBool>,
) -> Vec<tokio::task::JoinHandle<Vec<EventId>>> {
    (0..4)
        .map(|_| {
            let (store, stop) = (Arc::clone(store), Arc::clone(stop));
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    match write(&store).await {
                        Some(id) => acknowledged.push(id),
                        None => sleep(Duration::from_millis(10)).await,
                    }
                }
                acknowledged
            })
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_acknowledged_write_and_is_found_again() {
    let server = Server::start().await;
    let schema = Schema::on(&server.url());
    let store = Arc::new(schema.store());
    store.migrate().await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let tasks = writers(&store, &stop);
    for _ in 0..2 {
        sleep(Duration::from_millis(700)).await;
        server.kill().await;
        // While it is away.
        assert!(write(&store).await.is_none());
        sleep(Duration::from_millis(300)).await;
        server.start_again().await;
        let took = recover(&store).await;
        assert!(took < RECOVERED, "{took:?}");
    }
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = BTreeSet::new();
    for task in tasks {
        acknowledged.extend(task.await.unwrap());
    }
    assert!(acknowledged.len() > 50, "{}", acknowledged.len());
    let logged = logged(&schema.store()).await;
    let kept: BTreeSet<_> = logged.iter().copied().collect();
    assert_eq!(kept.len(), logged.len());
    let lost = acknowledged.difference(&kept).count();
    assert_eq!(lost, 0, "of {} acknowledged writes", acknowledged.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_is_answered_for_in_time() {
    let server = Server::start().await;
    let schema = Schema::on(&server.url());
    let store = schema.store();
    store.migrate().await.unwrap();
    assert!(write(&store).await.is_some());
    server.signal("-STOP");
    for _ in 0..2 {
        assert!(write(&store).await.is_none());
        let start = Instant::now();
        assert!(store.roles().await.is_err());
        assert!(start.elapsed() < ANSWERED);
    }
    server.signal("-CONT");
    recover(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promoted_replica_is_followed() {
    let primary = Server::start().await;
    let schema = Schema::on(&primary.url());
    schema.store().migrate().await.unwrap();
    let replica = primary.replica().await;
    let (first, second) = (primary.port(), replica.port());
    // The replica first: it is not the one that can write.
    let both = schema.url.replace(
        &format!("127.0.0.1:{first}"),
        &format!("127.0.0.1:{second},127.0.0.1:{first}"),
    );
    let store = PostgresStore::new(&both, PostgresOptions::default()).unwrap();
    for _ in 0..20 {
        assert!(write(&store).await.is_some());
    }
    // Alone, a replica reads and says that it can't write.
    let alone = schema.url.replace(&first, &second);
    let alone = PostgresStore::new(&alone, PostgresOptions::default()).unwrap();
    let start = Instant::now();
    while alone.roles().await.is_err() {
        assert!(start.elapsed() < RECOVERED, "the replica does not follow");
        sleep(Duration::from_millis(20)).await;
    }
    assert!(write(&alone).await.is_none());
    let problems = alone.engine_problems().await.unwrap();
    assert!(problems[0].contains("takes no writes"), "{problems:?}");

    primary.kill().await;
    assert!(write(&store).await.is_none());
    replica.promote().await;
    recover(&store).await;
    assert!(store.engine_problems().await.unwrap().is_empty());
    // Who knew the replica alone can write to it now, without a restart.
    recover(&alone).await;
}
