//! What goes wrong on the way to the server, and in it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::proxy::Proxy;
use crate::common::samples::{event, logged, opening, sign_up, signed_up, user};
use crate::common::server::Server;
use crate::common::{TestDatabase, patience};
use countersign_app::ports::store::{SignedUp, StoreLimits};
use countersign_app::ports::{Store as _, StoreAdmin as _, StoreError};
use countersign_domain::audit::Action;
use countersign_store_mongodb::{MongoDbOptions, MongoDbStore};

/// A store on the database of a test, through a proxy.
async fn through_proxy(database: &TestDatabase, limits: StoreLimits) -> (Proxy, MongoDbStore) {
    let target = database.server.trim_start_matches("mongodb://");
    let proxy = Proxy::before(target, None).await;
    let (port, name) = (proxy.port, &database.name);
    let url = format!("mongodb://127.0.0.1:{port}/{name}?directConnection=true");
    let options = MongoDbOptions {
        limits,
        ca_file: None,
    };
    (proxy, MongoDbStore::new(&url, options).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_for_which_no_connection_becomes_free_are_turned_away() {
    let database = TestDatabase::new();
    database.patient().migrate().await.unwrap();
    let limits = StoreLimits {
        connections: 2,
        acquire: Duration::from_millis(300),
        ..StoreLimits::default()
    };
    let (proxy, store) = through_proxy(&database, limits).await;
    store.ping().await.unwrap();
    let store = Arc::new(store);
    proxy.stall();
    let start = Instant::now();
    let calls = (0..10).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.ping().await.unwrap_err() })
    });
    for call in calls.collect::<Vec<_>>() {
        let error = call.await.unwrap();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    }
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    let turned_away = store.activity().turned_away;
    assert!(turned_away >= 6, "{turned_away}");
    proxy.pass();
    comes_back(&store, Instant::now()).await;
    database.discard().await;
}

/// Waits until the store answers again, five seconds at most.
async fn comes_back(store: &MongoDbStore, since: Instant) {
    while let Err(error) = store.ping().await {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(since.elapsed() < Duration::from_secs(5), "{error}");
    }
    assert!(
        since.elapsed() < Duration::from_secs(5),
        "{:?}",
        since.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_was_lost_is_settled_and_not_done_twice() {
    let database = TestDatabase::new();
    database.patient().migrate().await.unwrap();
    let (proxy, store) = through_proxy(&database, patience()).await;
    store.ping().await.unwrap();
    for _ in 0..3 {
        proxy.cut_next_commit();
        signed_up(&store).await;
    }
    assert_eq!(proxy.cuts(), 3, "no commit was cut");
    assert_eq!(logged(&store, Action::SignedUp).await, 3);
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_outcome_stays_unknown_is_answered_so_and_stands() {
    let database = TestDatabase::new();
    database.patient().migrate().await.unwrap();
    let (proxy, store) = through_proxy(&database, StoreLimits::default()).await;
    store.ping().await.unwrap();
    proxy.cut_next_commit_and_stall();
    let user = user();
    let start = Instant::now();
    let error = store.sign_up(sign_up(&user)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(proxy.cuts(), 1, "no commit was cut");
    proxy.pass();
    comes_back(&store, Instant::now()).await;
    assert_eq!(store.account(user.id).await.unwrap().unwrap().user, user);
    assert_eq!(logged(&store, Action::SignedUp).await, 1);
    let again = store.sign_up(sign_up(&user)).await.unwrap();
    assert_eq!(again, SignedUp::EmailTaken);
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_are_dropped_midway_leave_no_lock_and_nothing_half_done() {
    let database = TestDatabase::new();
    let store = database.patient();
    store.migrate().await.unwrap();
    let user = signed_up(&store).await;
    let _ = store.open_session(opening(&user)).await.unwrap();
    let mut dropped = 0;
    for step in 0..60 {
        // A little later each time, so that each place of the call is hit.
        let time = Duration::from_micros(250 * step);
        let call = store.open_session(opening(&user));
        if tokio::time::timeout(time, call).await.is_err() {
            dropped += 1;
        }
    }
    assert!(dropped > 0, "no call was dropped");
    let start = Instant::now();
    let _ = store.open_session(opening(&user)).await.unwrap();
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
    let live = store.live_sessions(user.id, crate::common::samples::at(1));
    assert_eq!(
        live.await.unwrap().len(),
        logged(&store, Action::LoggedIn).await
    );
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_is_missed_at_once_and_found_again_when_it_is_back() {
    let server = Server::start(&[]);
    let database = TestDatabase::on(&server.url());
    database.patient().migrate().await.unwrap();
    let store = database.store(StoreLimits::default());
    let user = signed_up(&store).await;
    server.kill();
    for _ in 0..3 {
        let start = Instant::now();
        let read = store.account(user.id).await.map(|_| ()).unwrap_err();
        let after_read = start.elapsed();
        let write = store.record(event(Action::LoginRefused)).await.unwrap_err();
        let after_write = start.elapsed().saturating_sub(after_read);
        for (error, time) in [(read, after_read), (write, after_write)] {
            assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
            assert!(time < Duration::from_secs(2), "{time:?}");
        }
    }
    server.again();
    comes_back(&store, Instant::now()).await;
    assert_eq!(store.account(user.id).await.unwrap().unwrap().user, user);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_kill_under_load_is_there_afterwards() {
    let server = Server::start(&[]);
    let database = TestDatabase::on(&server.url());
    database.patient().migrate().await.unwrap();
    let store = Arc::new(database.store(StoreLimits::default()));
    let writers = (0..4).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let (mut made, mut unsure) = (Vec::new(), Vec::new());
            let end = Instant::now() + Duration::from_secs(4);
            while Instant::now() < end {
                let user = user();
                match store.sign_up(sign_up(&user)).await {
                    Ok(answer) => {
                        assert_eq!(answer, SignedUp::Created);
                        made.push(user);
                    }
                    Err(StoreError::Unavailable(_)) => unsure.push(user),
                    Err(error) => panic!("{error}"),
                }
            }
            (made, unsure)
        })
    });
    let writers: Vec<_> = writers.collect();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    server.kill();
    server.again();
    let store_again = database.patient();
    let mut acknowledged = 0;
    for writer in writers {
        let (made, unsure) = writer.await.unwrap();
        acknowledged += made.len();
        for user in made {
            let found = store_again.account(user.id).await.unwrap();
            assert_eq!(found.unwrap().user, user, "an acknowledged user is lost");
        }
        for user in unsure {
            if let Some(found) = store_again.account(user.id).await.unwrap() {
                assert_eq!(found.user, user);
                acknowledged += 1;
            }
        }
    }
    assert!(acknowledged > 0);
    let events = database
        .bare()
        .await
        .collection::<mongodb::bson::Document>("audit_events");
    let events = events
        .count_documents(mongodb::bson::doc! {})
        .await
        .unwrap();
    assert_eq!(
        usize::try_from(events).unwrap(),
        acknowledged,
        "a user without their event"
    );
}
