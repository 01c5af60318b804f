//! Connections: bounded, never poisoned by a call that was dropped, and replaced when they die.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't reach its server has failed"
)]

mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store::{
    ChangePassword, PasswordChanged, Rotated, SessionOpened, SignedUp, Store, StoreError,
    StoreLimits,
};
use countersign_domain::audit::Action;
use countersign_domain::user::User;
use countersign_store_mysql::{MySqlOptions, MySqlStore};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use server::Fresh;
use server::samples::{at, event, hash, opening, rotation, session, sign_up, user};
use tokio::time::timeout;

async fn migrated() -> Fresh {
    let fresh = Fresh::new().await;
    fresh.patient_store().migrate().await.unwrap();
    fresh
}

fn limits(connections: u32, acquire: u64, call: u64) -> StoreLimits {
    StoreLimits {
        connections,
        acquire: Duration::from_millis(acquire),
        call: Duration::from_millis(call),
        bulk: Duration::from_secs(30),
    }
}

async fn member(store: &MySqlStore) -> User {
    let user = user();
    let made = store.sign_up(sign_up(&user)).await.unwrap();
    assert_eq!(made, SignedUp::Created);
    user
}

fn hex(user: &User) -> String {
    user.id.as_uuid().simple().to_string()
}

/// Holds the row of a user from outside.
async fn hold(fresh: &Fresh, user: &User) -> Conn {
    let mut conn = fresh.connection().await;
    conn.query_drop("START TRANSACTION").await.unwrap();
    let sql = format!(
        "SELECT id FROM users WHERE id = X'{}' FOR UPDATE",
        hex(user)
    );
    conn.query_drop(sql).await.unwrap();
    conn
}

fn new_password(user: &User) -> ChangePassword {
    ChangePassword {
        by: countersign_domain::standing::By::Operator,
        user_id: user.id,
        expected: None,
        expected_version: None,
        new: hash("new"),
        keep_session: None,
        revoke_personal_tokens: true,
        now: at(5),
        event: event(Action::PasswordChanged),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_gets_no_connection_is_turned_away_in_time() {
    let fresh = migrated().await;
    let patient = fresh.patient_store();
    let user = member(&patient).await;
    let holder = hold(&fresh, &user).await;
    let store = Arc::new(fresh.store(limits(2, 300, 5_000)));
    let blocked: Vec<_> = (0..2)
        .map(|_| {
            let (store, intent) = (Arc::clone(&store), new_password(&user));
            tokio::spawn(async move { store.change_password(intent).await })
        })
        .collect();
    while store.activity().connections_opened < 2 {
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    let turned_away = store.account(user.id).await;
    assert!(matches!(turned_away, Err(StoreError::Unavailable(_))));
    let waited = began.elapsed();
    assert!(waited < Duration::from_millis(1_500), "{waited:?}");
    assert_eq!(store.activity().turned_away, 1);
    assert_eq!(store.activity().connections_opened, 2);
    holder.disconnect().await.unwrap();
    for call in blocked {
        let changed = call.await.unwrap().unwrap();
        assert!(matches!(changed, PasswordChanged::Changed { .. }));
    }
    assert!(store.account(user.id).await.unwrap().is_some());
    assert_eq!(store.activity().connections_opened, 2);
    fresh.drop_database().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waits_for_a_lock_ends_at_its_deadline_and_leaves_nothing() {
    let fresh = migrated().await;
    let patient = fresh.patient_store();
    let user = member(&patient).await;
    let holder = hold(&fresh, &user).await;
    let store = fresh.store(limits(2, 500, 700));
    let began = Instant::now();
    let answer = store.change_password(new_password(&user)).await;
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(2));
    holder.disconnect().await.unwrap();
    // The lock is free again, and the password the old one.
    let record = store.login_record_by_id(user.id).await.unwrap().unwrap();
    assert_eq!(record.password, Some(hash("first")));
    let changed = patient.change_password(new_password(&user)).await.unwrap();
    assert!(matches!(changed, PasswordChanged::Changed { .. }));
    fresh.drop_database().await;
}

/// Drops calls after each of many spans of time, from before they begin to after they end.
#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_call_leaves_no_lock_and_no_poisoned_connection() {
    let fresh = migrated().await;
    let store = fresh.store(limits(3, 5_000, 10_000));
    let user = member(&store).await;
    let mut dropped = 0;
    for round in 0..300_u64 {
        let span = Duration::from_micros(round * 20 % 4_000);
        let intent = opening(&session(&user));
        if timeout(span, store.open_session(intent)).await.is_err() {
            dropped += 1;
        }
        if timeout(span, store.account(user.id)).await.is_err() {
            dropped += 1;
        }
    }
    assert!(dropped > 30, "only {dropped} calls were cut");
    // Whoever comes next finds the row free and connections that answer what they are asked.
    for _ in 0..20 {
        let session = session(&user);
        let opened = store.open_session(opening(&session)).await.unwrap();
        assert!(matches!(opened, SessionOpened::Opened { .. }));
        let (found, account) = store
            .session_of(user.id, session.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((found, account.user.id), (session, user.id));
    }
    // What was cut is whole or absent: a session has its event, and an event its session.
    let mut conn = fresh.connection().await;
    let odd: Option<u64> = conn
        .query_first(
            "SELECT (SELECT count(*) FROM sessions s WHERE s.id NOT IN
                         (SELECT e.session_id FROM audit_events e WHERE e.action = 'session.logged_in'))
                  + (SELECT count(*) FROM audit_events e WHERE e.action = 'session.logged_in'
                         AND e.session_id NOT IN (SELECT id FROM sessions))",
        )
        .await
        .unwrap();
    // The one that the sign-up opened has another event.
    assert_eq!(odd, Some(1));
    conn.disconnect().await.unwrap();
    fresh.drop_database().await;
}

#[tokio::test]
async fn connections_that_the_server_closed_are_replaced_unnoticed_by_readers() {
    let fresh = migrated().await;
    let store = fresh.store(limits(3, 2_000, 5_000));
    let user = member(&store).await;
    let session = session(&user);
    let opened = store.open_session(opening(&session)).await.unwrap();
    assert!(matches!(opened, SessionOpened::Opened { .. }));
    for _ in 0..3 {
        close_all(&fresh).await;
        let before = store.activity();
        assert!(store.account(user.id).await.unwrap().is_some());
        let after = store.activity();
        assert_eq!(after.connections_opened, before.connections_opened + 1);
        // The first look of a transaction changes nothing, and may be repeated, too.
        close_all(&fresh).await;
        let changed = store.change_password(new_password(&user)).await.unwrap();
        assert!(matches!(changed, PasswordChanged::Changed { .. }));
    }
    // A change that goes out in one piece may have been made: it is not repeated by the store.
    let session = server::samples::session(&user);
    let mut intent = opening(&session);
    intent.proved = None;
    let opened = store.open_session(intent).await.unwrap();
    assert!(matches!(opened, SessionOpened::Opened { .. }));
    close_all(&fresh).await;
    let intent = rotation(&session, 60);
    let unknown = store.rotate(intent.clone()).await;
    assert!(
        matches!(unknown, Err(StoreError::Unavailable(_))),
        "{unknown:?}"
    );
    let rotated = store.rotate(intent).await.unwrap();
    assert!(matches!(rotated, Rotated::Rotated(..)), "{rotated:?}");
    fresh.drop_database().await;
}

/// Ends every other connection to the database, and waits until they are gone.
async fn close_all(fresh: &Fresh) {
    let mut conn = fresh.connection().await;
    let theirs = format!(
        "SELECT id FROM information_schema.processlist WHERE db = '{}' AND id <> CONNECTION_ID()",
        fresh.name
    );
    loop {
        let ids: Vec<u64> = conn.query(&theirs).await.unwrap();
        if ids.is_empty() {
            break;
        }
        for id in ids {
            // It may have gone by itself meanwhile.
            let _ = conn.query_drop(format!("KILL {id}")).await;
        }
        tokio::task::yield_now().await;
    }
    conn.disconnect().await.unwrap();
}

#[tokio::test]
async fn neither_password_nor_row_shows_in_what_is_printed() {
    let fresh = migrated().await;
    let store = fresh.patient_store();
    let mut printed = vec![format!("{store:?}"), store.address()];
    for (url, _) in [
        (
            fresh.url_with(|base| base.replace("countersign:", "nobody:")),
            "user",
        ),
        (format!("{}_not_there", fresh.url()), "database"),
        (
            fresh.url_with(|_| "mysql://u:open%20sesame%2F%3F@127.0.0.1:1".to_owned()),
            "port",
        ),
    ] {
        let store = MySqlStore::new(&url, MySqlOptions::default()).unwrap();
        let error = store.ping().await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        printed.push(format!("{error} {error:?}"));
        let error = store.migrate().await.unwrap_err();
        printed.push(format!("{error} {error:?}"));
    }
    // Duplicate of an id: the server's own words would quote it, and the address.
    let first = member(&store).await;
    let mut again = user();
    again.id = first.id;
    let error = store.sign_up(sign_up(&again)).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");
    printed.push(format!("{error} {error:?}"));
    // Without its tables.
    fresh.run("RENAME TABLE users TO people").await;
    let error = store.account(first.id).await.unwrap_err();
    printed.push(format!("{error} {error:?}"));
    for text in &printed {
        assert!(!text.contains("sesame"), "{text}");
        assert!(!text.contains("example.com"), "{text}");
    }
    assert!(printed.last().unwrap().contains("countersign migrate"));
    fresh.drop_database().await;
}
