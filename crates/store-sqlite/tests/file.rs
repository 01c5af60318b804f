//! The file: who may read it, what a copy of it holds, and what is said of one that can't be used.

#![expect(
    clippy::unwrap_used,
    reason = "a test that can't make its file has failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use countersign_app::ports::Store;
use countersign_app::ports::store::{AuditFilter, SignUp, SignedUp, UserFilter};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, UserId};
use countersign_domain::page::{Cursor, PageRequest};
use countersign_domain::role::RoleNames;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_store_sqlite::{SqliteError, SqliteOptions, SqliteStore};
use countersign_token::Scopes;
use tempfile::TempDir;

fn sign_up() -> SignUp {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let at = Timestamp::from_seconds(4_102_444_800);
    let mut random = [0; 10];
    random[2..].copy_from_slice(&n.to_be_bytes());
    let user = User {
        id: UserId::from_parts(at, random),
        username: Some(format!("user{n}").parse().unwrap()),
        email: None,
        email_verified: false,
        display_name: None,
        state: UserState::Active,
        roles: RoleNames::new(),
        scopes: Scopes::default(),
        created_at: at,
        updated_at: at,
        version: 1,
    };
    let event = AuditEvent {
        id: EventId::from_parts(at, random),
        at,
        actor: Actor::System,
        action: Action::SignedUp,
        user_id: Some(user.id),
        session_id: None,
        address: None,
        request_id: None,
        detail: BTreeMap::new(),
    };
    SignUp {
        by: countersign_domain::standing::By::Operator,
        user,
        password: None,
        session: None,
        idempotency: None,
        event,
    }
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, SqliteOptions::default()).unwrap()
}

/// How many users and events there are.
async fn counts(store: &SqliteStore) -> (usize, usize) {
    let (mut users, mut events) = (0, 0);
    let mut cursor = None;
    loop {
        let request = PageRequest::forward(cursor, 100);
        let page = store.users(&UserFilter::default(), &request).await.unwrap();
        users += page.items.len();
        cursor = page
            .items
            .last()
            .map(|user| Cursor::after(user.id.as_uuid()));
        if !page.more {
            break;
        }
    }
    let mut cursor = None;
    loop {
        let request = PageRequest::forward(cursor, 100);
        let page = store
            .audit_events(&AuditFilter::default(), &request)
            .await
            .unwrap();
        events += page.items.len();
        cursor = page
            .items
            .last()
            .map(|event| Cursor::after(event.id.as_uuid()));
        if !page.more {
            break;
        }
    }
    (users, events)
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_and_its_new_folders_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = TempDir::new().unwrap();
    let data = folder.path().join("var").join("data");
    let path = data.join("countersign.db");
    let store = open(&path);
    assert_eq!(store.sign_up(sign_up()).await.unwrap(), SignedUp::Created);
    let copy = folder.path().join("copy.db");
    store.backup_to(&copy, |_| {}).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for made in [folder.path().join("var"), data.clone()] {
        assert_eq!(mode(&made), 0o700, "{}", made.display());
    }
    for made in ["countersign.db", "countersign.db-wal", "countersign.db-shm"] {
        assert_eq!(mode(&data.join(made)), 0o600, "{made}");
    }
    assert_eq!(mode(&copy), 0o600);
}

#[tokio::test]
async fn closing_brings_everything_into_the_one_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("countersign.db");
    let store = open(&path);
    let intent = sign_up();
    let id = intent.user.id;
    assert_eq!(store.sign_up(intent).await.unwrap(), SignedUp::Created);
    drop(store);
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .collect();
    assert_eq!(left, ["countersign.db"]);
    assert!(open(&path).account(id).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_made_while_others_write_is_one_moment_of_the_whole() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(open(&folder.path().join("countersign.db")));
    for _ in 0..500 {
        assert_eq!(store.sign_up(sign_up()).await.unwrap(), SignedUp::Created);
    }
    let done = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (store, done) = (Arc::clone(&store), Arc::clone(&done));
        async move {
            while !done.load(Ordering::Relaxed) {
                assert_eq!(store.sign_up(sign_up()).await.unwrap(), SignedUp::Created);
            }
        }
    });
    for n in 0..3 {
        let copy = folder.path().join(format!("copy-{n}.db"));
        let last = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&last);
        store
            .backup_to(&copy, move |progress| {
                assert!(progress.copied <= progress.total);
                seen.store(
                    u64::from(progress.total - progress.copied),
                    Ordering::Relaxed,
                );
            })
            .await
            .unwrap();
        assert_eq!(
            last.load(Ordering::Relaxed),
            0,
            "the last report is of the end"
        );
        let copy = open(&copy);
        assert_eq!(copy.integrity_check().await.unwrap(), Vec::<String>::new());
        let (users, events) = counts(&copy).await;
        assert!(users >= 500);
        assert_eq!(
            users, events,
            "a sign-up without its event, or the other way round"
        );
    }
    done.store(true, Ordering::Relaxed);
    writing.await.unwrap();
    let left = fs::read_dir(folder.path()).unwrap().filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains(".partial")
    });
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn a_copy_never_replaces_what_is_there() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder.path().join("countersign.db"));
    let taken = folder.path().join("taken");
    fs::write(&taken, "precious").unwrap();
    let error = store.backup_to(&taken, |_| {}).await.unwrap_err();
    assert!(matches!(error, SqliteError::TargetExists(_)), "{error}");
    assert_eq!(fs::read_to_string(&taken).unwrap(), "precious");
}

#[tokio::test]
async fn a_database_is_opened_without_migrating_only_if_it_is_there() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("countersign.db");
    let missing = SqliteStore::open_existing(&path, SqliteOptions::default())
        .err()
        .unwrap();
    assert!(matches!(missing, SqliteError::Missing(_)), "{missing}");
    assert!(!path.exists());

    fs::write(&path, "").unwrap();
    let empty = SqliteStore::open_existing(&path, SqliteOptions::default()).unwrap();
    assert_eq!(
        empty.migrations_pending().unwrap(),
        ["0001_first", "0002_shared"]
    );
    drop(empty);
    drop(open(&path));
    let ready = SqliteStore::open_existing(&path, SqliteOptions::default()).unwrap();
    assert_eq!(ready.migrations_pending().unwrap(), Vec::<String>::new());
    ready.ping().await.unwrap();
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "no database at all, but long enough to look at").unwrap();
    let error = SqliteStore::open(&text, SqliteOptions::default())
        .err()
        .unwrap();
    assert!(matches!(error, SqliteError::Engine(_)), "{error}");

    let foreign = folder.path().join("foreign.db");
    let theirs = rusqlite::Connection::open(&foreign).unwrap();
    theirs.execute_batch("CREATE TABLE theirs (n)").unwrap();
    let bytes = fs::read(&foreign).unwrap();
    let error = SqliteStore::open(&foreign, SqliteOptions::default())
        .err()
        .unwrap();
    assert!(matches!(error, SqliteError::Foreign(_)), "{error}");
    assert_eq!(fs::read(&foreign).unwrap(), bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_occasional_writer_gets_its_turn_beside_a_busy_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("countersign.db");
    let server = Arc::new(open(&path));
    let done = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..16)
        .map(|_| {
            let (server, done) = (Arc::clone(&server), Arc::clone(&done));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    assert_eq!(server.sign_up(sign_up()).await.unwrap(), SignedUp::Created);
                }
            })
        })
        .collect();
    let command_line = open(&path);
    for _ in 0..5 {
        assert_eq!(
            command_line.sign_up(sign_up()).await.unwrap(),
            SignedUp::Created
        );
    }
    done.store(true, Ordering::Relaxed);
    for task in load {
        task.await.unwrap();
    }
    let metrics = server.metrics();
    assert!(metrics.commits < metrics.writes, "{metrics:?}");
    assert_eq!(metrics.failed_commits, 0);
}

#[tokio::test]
async fn every_call_is_one_round_trip() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder.path().join("countersign.db"));
    let intent = sign_up();
    let id = intent.user.id;
    let trips = || {
        let metrics = store.metrics();
        (metrics.reads, metrics.writes)
    };
    let before = trips();
    assert_eq!(store.sign_up(intent).await.unwrap(), SignedUp::Created);
    assert_eq!(trips(), (before.0, before.1 + 1));
    assert!(store.account(id).await.unwrap().is_some());
    assert_eq!(trips(), (before.0 + 1, before.1 + 1));
}
