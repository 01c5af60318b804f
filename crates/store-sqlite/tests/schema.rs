//! Databases of earlier releases come up to date with what they hold, and a program that is one
//! release older goes on beside a newer schema.

#![expect(
    clippy::unwrap_used,
    reason = "a test that can't make its file has failed"
)]

use std::path::{Path, PathBuf};

use countersign_app::ports::store_admin::{Record, RecordKind};
use countersign_app::ports::{Store, StoreAdmin};
use countersign_app::schema::{Migration, SchemaError};
use countersign_store_sqlite::{SqliteError, SqliteOptions, SqliteStore};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use uuid::Uuid;

const FIRST: &str = include_str!("../migrations/0001_first.sql");
const SHARED: &str = include_str!("../migrations/0002_shared.sql");

/// As the release that had 0001 alone made it, with a user, their role, session and events.
fn first_release(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    connection
        .execute_batch(
            "CREATE TABLE schema_migrations (
                 version    INTEGER NOT NULL PRIMARY KEY,
                 name       TEXT    NOT NULL,
                 checksum   TEXT    NOT NULL,
                 applied_at INTEGER NOT NULL
             ) STRICT",
        )
        .unwrap();
    connection.execute_batch(FIRST).unwrap();
    connection
        .execute(
            "INSERT INTO schema_migrations (version, name, checksum, applied_at)
             VALUES (1, 'first', ?1, 1000)",
            [checksum(FIRST)],
        )
        .unwrap();
    fill(&connection);
    connection
}

fn checksum(text: &'static str) -> String {
    let step = Migration {
        version: 0,
        name: "",
        text,
        serves_from: 0,
    };
    step.checksum()
}

fn fill(connection: &Connection) {
    let (user, session, event) = (id(1), id(2), id(3));
    connection
        .execute(
            "INSERT INTO users VALUES (?1, 'ada', 'Ada@example.com', 'ada@example.com', 1, 'Ada',
                 'active', 'a:read', 1000, 2000, 3, '$test$v=1$x')",
            params![user],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO roles VALUES ('editor', 'edits', 'posts:write')",
            [],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO user_roles VALUES (?1, 'editor')",
            params![user],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO sessions (id, user_id, amr, authenticated_at, created_at, last_seen_at,
                 idle_expires_at, expires_at, generation, current_hash, nonce, rotated_at)
             VALUES (?1, ?2, '[\"pwd\"]', 1, 1, 1, 2, 2, 0, zeroblob(32), zeroblob(32), 1)",
            params![session, user],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO audit_events (id, at, actor, action, user_id, detail)
             VALUES (?1, 1000, 'system', 'user.signed_up', ?2, '{}')",
            params![event, user],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO personal_tokens VALUES (?1, ?2, 'deploy', '', zeroblob(32), 1, 2, NULL,
                 NULL)",
            params![id(4), user],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO idempotency_keys VALUES (zeroblob(32), zeroblob(32), ?1, 9)",
            params![user],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO keys VALUES ('k1', 'mark_refresh', x'00', NULL, 1, 1, NULL, NULL)",
            [],
        )
        .unwrap();
    connection
        .execute("UPDATE instance SET keys_version = 7", [])
        .unwrap();
}

fn id(n: u8) -> Uuid {
    Uuid::from_bytes([n; 16])
}

fn database(folder: &TempDir) -> (PathBuf, Connection) {
    let path = folder.path().join("countersign.db");
    let connection = first_release(&path);
    (path, connection)
}

async fn everything(admin: &dyn StoreAdmin) -> Vec<Record> {
    let mut all = Vec::new();
    for kind in RecordKind::ALL {
        all.extend(admin.read_records(kind, None, 100).await.unwrap().records);
    }
    all
}

#[tokio::test]
async fn the_first_release_comes_up_to_date_with_everything_in_it() {
    let folder = TempDir::new().unwrap();
    let (path, connection) = database(&folder);
    drop(connection);
    let store = SqliteStore::open_existing(&path, SqliteOptions::default()).unwrap();
    assert_eq!(store.pending_migrations().await.unwrap(), ["0002_shared"]);
    let before = everything(&store).await;
    assert_eq!(before.len(), RecordKind::ALL.len());
    assert_eq!(store.migrate().await.unwrap(), ["0002_shared"]);
    assert_eq!(
        store.pending_migrations().await.unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(everything(&store).await, before);
    assert_eq!(store.copy_mark().await.unwrap(), None);
    assert_eq!(store.engine_problems().await.unwrap(), Vec::<String>::new());
    store.ping().await.unwrap();

    // The same by opening it, which a server does.
    let folder = TempDir::new().unwrap();
    let (path, connection) = database(&folder);
    drop(connection);
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    assert_eq!(everything(&store).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_instances_that_meet_the_first_release_at_once_one_migrates_it() {
    let folder = TempDir::new().unwrap();
    let (path, connection) = database(&folder);
    drop(connection);
    let mut migrations = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = SqliteStore::open_existing(&path, SqliteOptions::default()).unwrap();
        migrations.spawn(async move { store.migrate().await.unwrap().len() });
    }
    let applied = migrations.join_all().await;
    assert_eq!(applied.iter().sum::<usize>(), 1, "{applied:?}");
}

#[tokio::test]
async fn what_the_first_release_does_still_works_beside_the_newer_schema() {
    let folder = TempDir::new().unwrap();
    let (path, old) = database(&folder);
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    // A connection that was open before, and the statements it ran: the older program.
    old.execute("UPDATE instance SET pings = (pings + 1) & 0xffff", [])
        .unwrap();
    old.execute(
        "INSERT INTO audit_events (id, at, actor, action, detail)
         VALUES (?1, 1000, 'system', 'session.refreshed', '{}')",
        params![id(9)],
    )
    .unwrap();
    let version: i64 = old
        .query_row(
            "SELECT i.keys_version FROM instance i LEFT JOIN keys k ORDER BY k.created_at, k.id",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(version, 7);
    let events = store.read_records(RecordKind::AuditEvent, None, 100).await;
    assert_eq!(events.unwrap().records.len(), 2);
}

#[tokio::test]
async fn a_step_of_the_future_is_served_beside_if_it_allows_that_and_refused_otherwise() {
    let folder = TempDir::new().unwrap();
    let (path, connection) = database(&folder);
    drop(SqliteStore::open(&path, SqliteOptions::default()).unwrap());
    let future = |serves_from: u32| {
        connection
            .execute(
                "INSERT OR REPLACE INTO schema_migrations
                     (version, name, checksum, applied_at, serves_from)
                 VALUES (99, 'future', 'x', 1000, ?1)",
                [serves_from],
            )
            .unwrap();
        SqliteStore::open(&path, SqliteOptions::default())
    };
    future(2).unwrap().ping().await.unwrap();
    let error = future(3).err().unwrap();
    assert!(
        matches!(
            error,
            SqliteError::Schema(SchemaError::TooNew { version: 99, .. })
        ),
        "{error}"
    );
    assert!(error.to_string().contains("99 (future)"), "{error}");
}

#[test]
fn a_released_step_never_changes() {
    assert_eq!(
        [checksum(FIRST), checksum(SHARED)],
        [
            "8e50d23b338abd0e5d13ac89de7dd8c40a1c5e14cf2feaac8239e82061f3d03a",
            "b1c92165e35bd19256d1320f61d223fae898f66d20b489f799622b4471ffdc31"
        ]
    );
}
