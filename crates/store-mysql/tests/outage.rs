//! A server that dies and comes back, and one that may only be read: calls end in time, nothing that
//! was acknowledged is lost, nothing is there in half, and the store recovers by itself. Run against a
//! server of their own.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't reach its server has failed"
)]

mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store::{SignedUp, Store, StoreError, StoreLimits};
use countersign_domain::user::User;
use countersign_store_mysql::{MySqlOptions, MySqlStore};
use server::samples::{sign_up, user};
use server::{Fresh, OwnServer};

/// What one caller saw.
#[derive(Default)]
struct Seen {
    acknowledged: Vec<User>,
    unknown: Vec<User>,
    longest: Duration,
}

/// Signs users up one after the other until told to stop.
async fn keep_signing_up(store: Arc<MySqlStore>, stop: Arc<AtomicBool>) -> Seen {
    let mut seen = Seen::default();
    while !stop.load(Ordering::Relaxed) {
        let user = user();
        let began = Instant::now();
        let answer = store.sign_up(sign_up(&user)).await;
        seen.longest = seen.longest.max(began.elapsed());
        match answer {
            Ok(SignedUp::Created) => seen.acknowledged.push(user),
            Err(StoreError::Unavailable(_)) => {
                seen.unknown.push(user);
                // A caller that has been told 503 comes back a little later.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => panic!("{other:?}"),
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_killed_and_comes_back_loses_nothing_that_was_acknowledged() {
    let server = OwnServer::start();
    let fresh = Fresh::on(&server.url()).await;
    let store = Arc::new(fresh.store(StoreLimits::default()));
    store.migrate().await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..8)
        .map(|_| tokio::spawn(keep_signing_up(Arc::clone(&store), Arc::clone(&stop))))
        .collect();
    let mut recovered = Vec::new();
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        server.kill();
        let began = Instant::now();
        let error = store.ping().await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(2));
        server.start_again();
        let back = Instant::now();
        while store.ping().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        recovered.push(back.elapsed());
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut unknown, mut longest) = (Vec::new(), Vec::new(), Duration::ZERO);
    for caller in callers {
        let seen = caller.await.unwrap();
        acknowledged.extend(seen.acknowledged);
        unknown.extend(seen.unknown);
        longest = longest.max(seen.longest);
    }
    println!(
        "{} acknowledged, {} not; longest call {longest:?}; back after {recovered:?}",
        acknowledged.len(),
        unknown.len()
    );
    assert!(acknowledged.len() > 100 && !unknown.is_empty());
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    assert!(
        recovered
            .iter()
            .all(|after| *after < Duration::from_secs(5))
    );
    for user in &acknowledged {
        assert_eq!(is_whole(&store, user).await, Some(true), "lost");
    }
    for user in &unknown {
        assert_ne!(is_whole(&store, user).await, Some(false), "half");
    }
    assert_eq!(store.engine_problems().await.unwrap(), Vec::<String>::new());
}

/// Whether a user is there with all that came with them; `None` if nothing of them is.
async fn is_whole(store: &MySqlStore, user: &User) -> Option<bool> {
    let filter = countersign_app::ports::store::AuditFilter {
        user_id: Some(user.id),
        ..Default::default()
    };
    let page = countersign_domain::page::PageRequest::forward(None, 10);
    let events = store
        .audit_events(&filter, &page)
        .await
        .unwrap()
        .items
        .len();
    let record = store.login_record_by_id(user.id).await.unwrap();
    let sessions = store
        .live_sessions(user.id, server::samples::at(1))
        .await
        .unwrap()
        .len();
    match (record, sessions, events) {
        (None, 0, 0) => None,
        (Some(record), 1, 1) => Some(record.account.user == *user && record.password.is_some()),
        _ => Some(false),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_the_documented_rights_can_do_everything_and_a_read_only_server_is_away() {
    let server = OwnServer::start();
    let fresh = Fresh::on(&server.url()).await;
    // As docs/stores/mysql.md has it.
    fresh
        .run(&format!(
            "CREATE USER 'app'@'127.0.0.1' IDENTIFIED BY 'open sesame/?';
             GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON {}.*
                 TO 'app'@'127.0.0.1'",
            fresh.name
        ))
        .await;
    let url = fresh.url_with(|base| base.replace("countersign:", "app:"));
    let store = MySqlStore::new(&url, MySqlOptions::default()).unwrap();
    store.migrate().await.unwrap();
    let member = user();
    let made = store.sign_up(sign_up(&member)).await.unwrap();
    assert_eq!(made, SignedUp::Created);
    assert_eq!(store.engine_problems().await.unwrap(), Vec::<String>::new());

    fresh.run("SET GLOBAL read_only = ON").await;
    for _ in 0..3 {
        let error = store.sign_up(sign_up(&user())).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert!(error.to_string().contains("read-only"), "{error}");
        assert!(store.ping().await.is_err(), "is not ready");
    }
    assert!(store.account(member.id).await.unwrap().is_some());
    // A connection that was refused a change is not used again: the name may lead elsewhere by now.
    let before = store.activity().connections_opened;
    assert!(store.ping().await.is_err());
    assert!(store.ping().await.is_err());
    assert!(store.activity().connections_opened > before);
    fresh.run("SET GLOBAL read_only = OFF").await;
    store.ping().await.unwrap();
    let made = store.sign_up(sign_up(&user())).await.unwrap();
    assert_eq!(made, SignedUp::Created);
}
