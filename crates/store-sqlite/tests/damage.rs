//! What somebody did to the file behind the program's back is found by a check, and nothing is found
//! where nothing is wrong.

#![expect(
    clippy::unwrap_used,
    reason = "a test that can't make its file has failed"
)]

use std::ops::ControlFlow;
use std::path::Path;

use countersign_app::operate::{CheckReport, Progress, check};
use countersign_domain::time::Timestamp;
use countersign_store_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use uuid::Uuid;

const NOW: i64 = 1_800_000_000_000;

/// An id of the present moment.
fn id(n: u8) -> Uuid {
    let mut random = [0; 10];
    random[9] = n;
    uuid::Builder::from_unix_timestamp_millis(NOW.unsigned_abs(), &random).into_uuid()
}

/// Two users, the first one an admin, each with a session, a token and an event; keys in use. The
/// idempotency key is of a user who is gone.
fn fill(path: &Path) -> Connection {
    drop(SqliteStore::open(path, SqliteOptions::default()).unwrap());
    let connection = Connection::open(path).unwrap();
    connection
        .execute("INSERT INTO roles VALUES ('editor', 'edits', '')", [])
        .unwrap();
    for n in 1..=2_u8 {
        connection
            .execute(
                "INSERT INTO users VALUES (?1, ?2, ?3 || '@Example.com', ?3 || '@example.com', 0,
                     NULL, 'active', '', ?4, ?4, 1, NULL)",
                params![id(n), format!("user{n}"), format!("user{n}"), NOW],
            )
            .unwrap();
        connection
            .execute(
                "INSERT INTO user_roles VALUES (?1, 'editor')",
                params![id(n)],
            )
            .unwrap();
        connection
            .execute(
                "INSERT INTO sessions (id, user_id, amr, authenticated_at, created_at,
                     last_seen_at, idle_expires_at, expires_at, ended_at, end_reason, generation,
                     current_hash, previous_hash, nonce, rotated_at)
                 VALUES (?1, ?1, '[]', ?2, ?2, ?2, ?2 + 9, ?2 + 9, ?2, 'revoked', 1,
                     zeroblob(32), randomblob(32), zeroblob(32), ?2)",
                params![id(n), NOW],
            )
            .unwrap();
        connection
            .execute(
                "INSERT INTO personal_tokens VALUES (?1, ?1, 'deploy', '', zeroblob(32), ?2,
                     ?2 + 9, NULL, NULL)",
                params![id(n), NOW],
            )
            .unwrap();
        connection
            .execute(
                "INSERT INTO audit_events (id, at, actor, action, detail)
                 VALUES (?1, ?2, 'system', 'user.signed_up', '{}')",
                params![id(n), NOW],
            )
            .unwrap();
    }
    connection
        .execute(
            "INSERT INTO user_roles VALUES (?1, 'admin')",
            params![id(1)],
        )
        .unwrap();
    connection
        .execute(
            "INSERT INTO idempotency_keys VALUES (zeroblob(32), zeroblob(32), ?1, 1)",
            params![id(99)],
        )
        .unwrap();
    connection
        .execute_batch(
            "INSERT INTO keys VALUES ('k1', 'mark_refresh', x'01', NULL, 1, 1, NULL, NULL),
                 ('k2', 'sign:ES256', x'01', NULL, 1, 1, NULL, NULL);
             UPDATE instance SET keys_version = 1;
             PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;",
        )
        .unwrap();
    connection
}

async fn checked(path: &Path) -> CheckReport {
    let store = SqliteStore::open_existing(path, SqliteOptions::default()).unwrap();
    let mut progress = |_: Progress| ControlFlow::Continue(());
    check(&store, Timestamp::from_millis(NOW), &mut progress)
        .await
        .unwrap()
}

/// What is found after `damage`, which must name no secret.
async fn codes_after(damage: &str) -> Vec<&'static str> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("countersign.db");
    let connection = fill(&path);
    assert_eq!(checked(&path).await.findings, [], "before the damage");
    connection.execute_batch(damage).unwrap();
    let report = checked(&path).await;
    for finding in &report.findings {
        for line in &finding.shown {
            assert!(
                !line.contains("user1") && !line.contains("nonsense"),
                "{line}"
            );
        }
    }
    report.findings.iter().map(|finding| finding.code).collect()
}

#[tokio::test]
async fn each_damage_is_found() {
    for (damage, codes) in [
        // References.
        (
            "DELETE FROM users WHERE username = 'user2'",
            &["engine_problem", "personal_token_user", "session_user"][..],
        ),
        ("DELETE FROM roles", &["role_unknown"]),
        // Names.
        (
            "DROP INDEX users_by_username; UPDATE users SET username = 'user1'",
            &["engine_problem", "username_twice"],
        ),
        (
            "DROP INDEX users_by_email;
             UPDATE users SET email = 'user1@example.com', email_key = 'user1@example.com'",
            &["email_twice", "engine_problem"],
        ),
        (
            "UPDATE users SET email_key = 'nonsense@example.com' WHERE username = 'user1'",
            &["email_key"],
        ),
        (
            "UPDATE users SET email = NULL WHERE username = 'user1'",
            &["records_unreadable"],
        ),
        (
            "UPDATE users SET username = NULL, email = NULL, email_key = NULL
             WHERE username = 'user2'",
            &["user_nameless"],
        ),
        // Sessions and tokens.
        (
            "UPDATE sessions SET end_reason = NULL",
            &["records_unreadable"],
        ),
        (
            "UPDATE sessions SET ended_at = NULL",
            &["records_unreadable"],
        ),
        (
            "UPDATE sessions SET end_reason = 'nonsense'",
            &["records_unreadable"],
        ),
        ("UPDATE sessions SET generation = 0", &["session_refresh"]),
        (
            "UPDATE sessions SET previous_hash = NULL",
            &["session_refresh"],
        ),
        (
            "UPDATE sessions SET previous_hash = current_hash",
            &["session_refresh"],
        ),
        (
            "UPDATE sessions SET expires_at = created_at - 1",
            &["session_times"],
        ),
        (
            "UPDATE personal_tokens SET expires_at = created_at - 1",
            &["personal_token_times"],
        ),
        // Keys.
        (
            "UPDATE keys SET purpose = 'nonsense' WHERE id = 'k1'",
            &["records_unreadable"],
        ),
        ("DELETE FROM keys WHERE id = 'k1'", &["no_refresh_key"]),
        (
            "UPDATE keys SET retired_at = 1 WHERE id = 'k2'",
            &["no_signing_key"],
        ),
        (
            "UPDATE keys SET sealed = x'' WHERE id = 'k2'",
            &["key_empty"],
        ),
        // The rest.
        ("UPDATE audit_events SET at = at + 1", &["event_time"]),
        (
            "UPDATE audit_events SET actor = 'nonsense'",
            &["records_unreadable"],
        ),
        (
            "UPDATE users SET state = 'locked' WHERE username = 'user1'",
            &["no_working_admin"],
        ),
        ("UPDATE instance SET copy_mark = 'x'", &["copy_unfinished"]),
        ("DROP INDEX sessions_by_user", &["engine_problem"]),
    ] {
        assert_eq!(codes_after(damage).await, codes, "{damage}");
    }
}

#[tokio::test]
async fn a_flipped_byte_in_a_page_is_found() {
    use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

    let folder = TempDir::new().unwrap();
    let path = folder.path().join("countersign.db");
    let connection = fill(&path);
    let root: i64 = connection
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'sessions_by_user'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    drop(connection);
    // The last bytes of the page are those of its first cell: the id of a session in the index.
    let mut file = std::fs::File::options()
        .read(true)
        .write(true)
        .open(&path)
        .unwrap();
    let place = SeekFrom::Start(u64::try_from(root).unwrap() * 4096 - 2);
    let mut byte = [0];
    file.seek(place).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(place).unwrap();
    file.write_all(&[byte[0] ^ 0x55]).unwrap();
    drop(file);
    let report = checked(&path).await;
    let codes: Vec<_> = report.findings.iter().map(|f| f.code).collect();
    assert_eq!(codes, ["engine_problem"]);
}

#[tokio::test]
async fn what_can_be_read_before_the_damage_is_read_all_the_same() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("countersign.db");
    let connection = fill(&path);
    connection
        .execute(
            "UPDATE sessions SET amr = 'nonsense' WHERE id = ?1",
            params![id(2)],
        )
        .unwrap();
    let report = checked(&path).await;
    let counts = report.counts.iter().map(|(_, count)| *count);
    assert_eq!(counts.collect::<Vec<_>>(), [1, 2, 1, 2, 1, 2, 1]);
    assert_eq!(
        report.findings[0].shown,
        [
            "the sessions can't be read to the end, and the rest was not checked: the column amr \
          can't be read"
        ]
    );
}
