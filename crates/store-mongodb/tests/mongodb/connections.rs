//! What the store tells of its connections, and what it keeps to itself.

use std::sync::{Arc, Mutex};

use countersign_app::ports::store::{ActivityCounter, AuditFilter, EndSession, UserFilter};
use countersign_app::ports::{Store as _, StoreAdmin as _, StoreError};
use countersign_domain::audit::Action;
use countersign_domain::page::PageRequest;
use countersign_domain::session::EndReason;
use countersign_store_mongodb::{MongoDbOptions, MongoDbStore};
use mongodb::bson::doc;
use tracing::Instrument as _;
use tracing::field::Empty;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::common::samples::{self, at, event, opening, sign_up, signed_up};
use crate::common::{TestDatabase, patience};

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_new_once_and_reused_from_then_on() {
    let database = TestDatabase::new();
    database.patient().migrate().await.unwrap();
    let store = database.patient();
    assert_eq!(
        store.activity().connections_opened,
        0,
        "a store connects when it is asked"
    );
    store.ping().await.unwrap();
    let first = store.activity();
    assert_eq!((first.connections_opened, first.connections_reused), (1, 0));
    for _ in 0..3 {
        store.ping().await.unwrap();
    }
    let then = store.activity();
    assert_eq!((then.connections_opened, then.connections_reused), (1, 3));
    assert_eq!(then.round_trips - first.round_trips, 3);
    database.discard().await;
}

/// How often a call waits for the server, as `docs/stores/mongodb.md` has it.
#[tokio::test(flavor = "multi_thread")]
async fn each_use_case_takes_the_round_trips_that_are_documented() {
    let database = TestDatabase::new();
    let store = database.patient();
    store.migrate().await.unwrap();
    let user = signed_up(&store).await;
    let opening = opening(&user);
    let session = opening.session.clone();
    let page = PageRequest::forward(None, 20);
    let (by_id, all_users, all_events) = (user.id, UserFilter::default(), AuditFilter::default());
    let ended = EndSession {
        user_id: user.id,
        session_id: session.id,
        reason: EndReason::LoggedOut,
        now: at(1),
        event: event(Action::SessionEnded),
    };
    macro_rules! takes {
        ($expected:literal, $call:expr) => {{
            let before = store.activity().round_trips;
            let _ = $call.await.unwrap();
            let took = store.activity().round_trips - before;
            assert_eq!(took, $expected, stringify!($call));
        }};
    }
    takes!(1, store.account(by_id));
    takes!(1, store.login_record_by_id(by_id));
    takes!(3, store.open_session(opening));
    takes!(1, store.session_of(by_id, session.id));
    takes!(1, store.live_sessions(by_id, at(1)));
    takes!(1, store.users(&all_users, &page));
    takes!(1, store.login_records(&page));
    takes!(1, store.audit_events(&all_events, &page));
    takes!(1, store.keys());
    takes!(1, store.roles());
    takes!(1, store.ping());
    takes!(1, store.record(event(Action::LoginRefused)));
    takes!(2, store.end_session(ended));
    takes!(2, store.sign_up(sign_up(&samples::user())));
    database.discard().await;
}

/// Where the log of a test goes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// One thread, so that the log is that of this test alone.
#[tokio::test]
async fn the_span_of_a_call_says_whether_its_connection_is_new() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let database = TestDatabase::new();
    database.patient().migrate().await.unwrap();
    let store = database.patient();
    for word in ["new", "existing"] {
        log.0.lock().unwrap().clear();
        let span = tracing::info_span!("request", { ActivityCounter::SPAN_FIELD } = Empty);
        store.ping().instrument(span).await.unwrap();
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let field = format!("database_connection=\"{word}\"");
        assert!(text.contains(&field), "{text}");
    }
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_of_the_server_logs_in_with_their_password() {
    let database = TestDatabase::new();
    database.patient().migrate().await.unwrap();
    let user = doc! {
        "createUser": "me", "pwd": "hunter2@/?",
        "roles": [{"role": "readWrite", "db": &database.name}],
    };
    database.run(user).await;
    let url = database
        .url()
        .replace("mongodb://", "mongodb://me:hunter2%40%2F%3F@");
    let options = MongoDbOptions {
        limits: patience(),
        ca_file: None,
    };
    let store = MongoDbStore::new(&url, options).unwrap();
    store.ping().await.unwrap();
    signed_up(&store).await;
    database.run(doc! {"dropUser": "me"}).await;
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_the_server_refuses_is_not_told() {
    let database = TestDatabase::new();
    let url = database
        .url()
        .replace("mongodb://", "mongodb://me:hunter2@");
    let options = MongoDbOptions {
        limits: patience(),
        ca_file: None,
    };
    let store = MongoDbStore::new(&url, options).unwrap();
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    let text = format!("{error} {error:?} {store:?}");
    assert!(text.contains("password"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}
