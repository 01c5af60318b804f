//! What a busy, distant or missing service does to the store: nothing is applied twice, nobody
//! waits for long, and everything goes on by itself when the service is back.

#[path = "support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_app::ports::store::{
    AuditFilter, RotateRefresh, Rotated, SignedUp, StoreLimits, UserDeleted, UserFilter,
};
use countersign_app::ports::{Store, StoreAdmin, StoreError};
use countersign_domain::page::PageRequest;
use support::front::{Deed, Front, Gate};
use support::samples::{deleting, opening, rotation, session, sign_up, user};
use support::{Table, open};
use tokio::process::Command;

async fn behind_a_front() -> (Table, Front) {
    let table = Table::made().await;
    let front = Front::before(&table.endpoint).await;
    (table, front)
}

#[tokio::test]
async fn what_is_throttled_is_tried_again() {
    let (table, front) = behind_a_front().await;
    let store = open(&table.url_at(&front.endpoint()), StoreLimits::default());
    let user = user();
    let first = session(&user);
    for error in [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TransactionConflict",
    ] {
        front.plan("TransactWriteItems", Deed::Refuse(error), 1);
    }
    let made = store.sign_up(sign_up(&user, Some(&first))).await.unwrap();
    assert_eq!(made, SignedUp::Created);
    front.plan(
        "BatchGetItem",
        Deed::Refuse("ProvisionedThroughputExceededException"),
        3,
    );
    front.plan("BatchGetItem", Deed::LeaveUnprocessed, 2);
    let (found, _) = store.session_of(user.id, first.id).await.unwrap().unwrap();
    assert_eq!(found, first);
    assert!(front.is_done());
    table.drop().await;
}

#[tokio::test]
async fn a_service_that_stays_too_busy_is_unavailable_within_the_deadline() {
    let (table, front) = behind_a_front().await;
    let store = open(&table.url_at(&front.endpoint()), StoreLimits::default());
    front.plan(
        "TransactWriteItems",
        Deed::Refuse("ProvisionedThroughputExceededException"),
        10_000,
    );
    let begun = Instant::now();
    let answer = store.sign_up(sign_up(&user(), None)).await;
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(2));
    table.drop().await;
}

#[tokio::test]
async fn an_answer_that_gets_lost_makes_nothing_happen_twice() {
    let (table, front) = behind_a_front().await;
    let store = open(&table.url_at(&front.endpoint()), StoreLimits::default());
    let user = user();
    let first = session(&user);
    front.plan("TransactWriteItems", Deed::CutAnswer, 1);
    let made = store.sign_up(sign_up(&user, Some(&first))).await.unwrap();
    assert_eq!(
        made,
        SignedUp::Created,
        "its own work is not somebody else's"
    );

    front.plan("TransactWriteItems", Deed::CutAnswer, 1);
    let intent = rotation(&first, 60);
    match store.rotate(intent.clone()).await.unwrap() {
        Rotated::Rotated(rotated, _) => {
            assert_eq!(rotated.refresh.generation, 1);
            assert_eq!(rotated.refresh.current, intent.successor);
        }
        other => panic!("{other:?}"),
    }
    assert!(front.is_done());
    let request = PageRequest::forward(None, 100);
    let log = store.audit_events(&AuditFilter::default(), &request).await;
    assert_eq!(log.unwrap().items.len(), 2, "one line for each change");
    table.drop().await;
}

#[tokio::test]
async fn a_refresh_whose_outcome_stays_unknown_can_be_sent_again() {
    let (table, front) = behind_a_front().await;
    let store = open(&table.url_at(&front.endpoint()), StoreLimits::default());
    let user = user();
    let first = session(&user);
    let _ = store.sign_up(sign_up(&user, Some(&first))).await.unwrap();
    front.plan("TransactWriteItems", Deed::CutAnswer, 2);
    let sent = rotation(&first, 60);
    let answer = store.rotate(sent.clone()).await;
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    // The client sends the same token again; the server has made another successor meanwhile.
    let again = RotateRefresh {
        nonce: support::samples::secret(),
        ..rotation(&first, 62)
    };
    match store.rotate(again).await.unwrap() {
        Rotated::Retried { nonce, session, .. } => {
            assert_eq!(nonce, sent.nonce);
            assert_eq!(session.refresh.generation, 1);
        }
        other => panic!("{other:?}"),
    }
    table.drop().await;
}

#[tokio::test]
async fn what_may_have_been_applied_is_never_refused() {
    let (table, front) = behind_a_front().await;
    let store = open(&table.url_at(&front.endpoint()), StoreLimits::default());
    let user = user();
    let first = session(&user);
    // The repetition is refused over what the first sending did.
    front.plan("TransactWriteItems", Deed::CutAnswerAndForget, 1);
    let answer = store.sign_up(sign_up(&user, Some(&first))).await;
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    front.plan("TransactWriteItems", Deed::CutAnswerAndForget, 1);
    let intent = rotation(&first, 60);
    let answer = store.rotate(intent.clone()).await;
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    let again = store.rotate(intent).await.unwrap();
    assert!(matches!(again, Rotated::Retried { .. }), "{again:?}");
    // A repetition that meets another transaction is sent under the token that it had.
    let (live, _) = store.session(first.id).await.unwrap().unwrap();
    front.plan("TransactWriteItems", Deed::CutAnswer, 1);
    front.plan("TransactWriteItems", Deed::Refuse("TransactionConflict"), 1);
    let answer = store.rotate(rotation(&live, 70)).await.unwrap();
    assert!(matches!(answer, Rotated::Rotated(..)), "{answer:?}");
    assert!(front.is_done());
    let request = PageRequest::forward(None, 100);
    let log = store.audit_events(&AuditFilter::default(), &request).await;
    assert_eq!(log.unwrap().items.len(), 3, "one line for each change");
    table.drop().await;
}

#[tokio::test]
async fn a_refresh_of_a_user_who_is_deleted_the_moment_after_is_not_refused() {
    let (table, front) = behind_a_front().await;
    let (store, direct) = (
        open(&table.url_at(&front.endpoint()), support::patient()),
        table.store(),
    );
    let user = user();
    let first = session(&user);
    let _ = store.sign_up(sign_up(&user, Some(&first))).await.unwrap();
    let gate = Arc::new(Gate::default());
    front.plan("BatchGetItem", Deed::Hold(Arc::clone(&gate)), 1);
    let intent = rotation(&first, 60);
    let refresh = tokio::spawn(async move { store.rotate(intent).await });
    gate.reached().await;
    while direct
        .session(first.id)
        .await
        .unwrap()
        .unwrap()
        .0
        .refresh
        .generation
        == 0
    {}
    let _ = direct.delete_user(deleting(&user)).await.unwrap();
    gate.open();
    let answer = refresh.await.unwrap();
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    table.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_server_is_said_quickly_and_found_again_by_itself() {
    let folder = tempfile::TempDir::new().unwrap();
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../scripts/servers/dynamodb"
    );
    let server = async |verb: &str| {
        let mut command = Command::new(script);
        let status = command
            .arg(verb)
            .arg(folder.path())
            .env_remove("COUNTERSIGN_DYNAMODB");
        assert!(status.status().await.unwrap().success(), "{verb}");
    };
    server("start").await;
    let url = std::fs::read_to_string(folder.path().join("url")).unwrap();
    let store = open(url.trim(), StoreLimits::default());
    store.migrate().await.unwrap();
    let user = user();
    let first = session(&user);
    let _ = store.sign_up(sign_up(&user, Some(&first))).await.unwrap();

    server("kill").await;
    for _ in 0..3 {
        let begun = Instant::now();
        let read = store.session_of(user.id, first.id).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
        let said = read.unwrap_err().to_string();
        assert!(said.contains("out of reach"), "{said}");
        let write = store.open_session(opening(&session(&user))).await;
        assert!(
            matches!(write, Err(StoreError::Unavailable(_))),
            "{write:?}"
        );
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
    }
    server("start").await;
    let back = Instant::now();
    while store.session_of(user.id, first.id).await.is_err() {
        assert!(back.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let found = store.session_of(user.id, first.id).await.unwrap().unwrap();
    assert_eq!(found.0, first, "what was acknowledged is there");
    server("stop").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_answer_holds_nobody_up() {
    // It takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let limits = StoreLimits {
        connections: 2,
        acquire: Duration::from_millis(300),
        ..StoreLimits::default()
    };
    let store = open(&Table::named().url_at(&endpoint), limits);
    let begun = Instant::now();
    let filter = UserFilter::default();
    let request = PageRequest::forward(None, 1);
    let (a, b, c) = tokio::join!(store.users(&filter, &request), store.roles(), store.keys());
    assert!(matches!(a, Err(StoreError::Unavailable(_))), "{a:?}");
    assert!(matches!(b, Err(StoreError::Unavailable(_))), "{b:?}");
    assert!(matches!(c, Err(StoreError::Unavailable(_))), "{c:?}");
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert_eq!(store.activity().turned_away, 1, "two had the two places");
}

#[tokio::test]
async fn a_deletion_that_took_long_is_not_held_up_by_what_is_left_over() {
    let (table, front) = behind_a_front().await;
    let limits = StoreLimits::default();
    let store = open(&table.url_at(&front.endpoint()), limits);
    let user = user();
    let _ = table
        .store()
        .sign_up(sign_up(&user, Some(&session(&user))))
        .await
        .unwrap();
    front.plan(
        "TransactWriteItems",
        Deed::Delay(Duration::from_millis(1_200)),
        1,
    );
    front.plan("Query", Deed::Delay(Duration::from_secs(10)), 1);
    let begun = Instant::now();
    let deleted = store.delete_user(deleting(&user)).await.unwrap();
    assert_eq!(deleted, UserDeleted::Deleted);
    assert!(front.is_done(), "it began to clear away");
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    table.drop().await;
}

#[tokio::test]
async fn a_store_tells_new_connections_from_used_ones() {
    let table = Table::made().await;
    let store = table.store();
    assert_eq!(
        store.activity().round_trips,
        0,
        "nothing is asked before the first call"
    );
    for _ in 0..5 {
        store.ping().await.unwrap();
    }
    let activity = store.activity();
    assert_eq!(activity.connections_opened, 1);
    assert_eq!(activity.round_trips, 10);
    assert_eq!(activity.connections_reused, 9);
    table.drop().await;
}
