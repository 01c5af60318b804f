use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::connection;

const FIRST: Migration = Migration {
    version: 1,
    name: "first",
    text: "CREATE TABLE a (n)",
    serves_from: 1,
};
const SECOND: Migration = Migration {
    version: 2,
    name: "second",
    text: "CREATE TABLE b (n)",
    serves_from: 2,
};

fn database(folder: &TempDir) -> (Connection, PathBuf) {
    let path = folder.path().join("test.db");
    connection::create_file(&path).unwrap();
    (
        connection::writing(&path, Duration::from_secs(5)).unwrap(),
        path,
    )
}

fn versions(connection: &Connection, path: &Path) -> Vec<u32> {
    applied(connection, path)
        .unwrap()
        .into_iter()
        .map(|step| step.version)
        .collect()
}

#[test]
fn steps_are_applied_once_and_in_order() {
    let folder = TempDir::new().unwrap();
    let (mut connection, path) = database(&folder);
    assert_eq!(pending(&connection, &path, &[FIRST]).unwrap().len(), 1);
    apply(&mut connection, &path, &[FIRST]).unwrap();
    apply(&mut connection, &path, &[FIRST]).unwrap();
    assert_eq!(versions(&connection, &path), [1]);
    assert_eq!(
        pending(&connection, &path, &[FIRST, SECOND]).unwrap().len(),
        1
    );
    apply(&mut connection, &path, &[FIRST, SECOND]).unwrap();
    assert_eq!(versions(&connection, &path), [1, 2]);
}

#[test]
fn a_step_that_was_changed_is_refused() {
    let folder = TempDir::new().unwrap();
    let (mut connection, path) = database(&folder);
    apply(&mut connection, &path, &[FIRST]).unwrap();
    let changed = Migration {
        text: "CREATE TABLE a (n, m)",
        ..FIRST
    };
    let error = apply(&mut connection, &path, &[changed, SECOND]).unwrap_err();
    assert!(
        matches!(
            error,
            SqliteError::Schema(SchemaError::Changed { version: 1, .. })
        ),
        "{error}"
    );
    assert_eq!(versions(&connection, &path), [1]);
}

#[test]
fn a_database_ahead_of_the_program_is_refused() {
    let folder = TempDir::new().unwrap();
    let (mut connection, path) = database(&folder);
    apply(&mut connection, &path, &[FIRST, SECOND]).unwrap();
    let error = apply(&mut connection, &path, &[FIRST]).unwrap_err();
    assert!(
        matches!(
            error,
            SqliteError::Schema(SchemaError::TooNew { version: 2, .. })
        ),
        "{error}"
    );
    assert!(
        error.to_string().contains("migration 2 (second)"),
        "{error}"
    );
}

#[test]
fn a_step_that_fails_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let (mut connection, path) = database(&folder);
    let bad = Migration {
        text: "CREATE TABLE b (n); CREATE TABLE a (n)",
        ..SECOND
    };
    let error = apply(&mut connection, &path, &[FIRST, bad]).unwrap_err();
    assert_eq!(error.code(), "store_migration_failed");
    assert!(error.to_string().contains("0002_second"), "{error}");
    assert_eq!(versions(&connection, &path), Vec::<u32>::new());
    apply(&mut connection, &path, &[FIRST, SECOND]).unwrap();
}

#[test]
fn somebody_elses_database_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let (mut connection, path) = database(&folder);
    connection.execute_batch("CREATE TABLE theirs (n)").unwrap();
    let error = apply(&mut connection, &path, &[FIRST]).unwrap_err();
    assert!(matches!(error, SqliteError::Foreign(_)), "{error}");
}

#[test]
fn of_many_processes_at_once_one_migrates() {
    let folder = TempDir::new().unwrap();
    let (connection, path) = database(&folder);
    connection::use_write_ahead_log(&connection, Duration::from_secs(5)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let (mut connection, path) = database(&folder);
                apply(&mut connection, &path, &[FIRST, SECOND]).unwrap();
            });
        }
    });
    assert_eq!(versions(&connection, &path), [1, 2]);
}

#[test]
fn a_step_that_serves_older_programs_lets_them_go_on() {
    let folder = TempDir::new().unwrap();
    let (mut connection, path) = database(&folder);
    let adding = Migration {
        serves_from: 1,
        ..SECOND
    };
    assert_eq!(
        apply(&mut connection, &path, &[FIRST, adding]).unwrap(),
        ["0001_first", "0002_second"]
    );
    assert_eq!(
        apply(&mut connection, &path, &[FIRST]).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn the_program_of_the_first_schema_goes_on_beside_the_newest() {
    let folder = TempDir::new().unwrap();
    let (mut connection, path) = database(&folder);
    apply(&mut connection, &path, ALL).unwrap();
    let first = &ALL[..1];
    assert!(pending(&connection, &path, first).unwrap().is_empty());
    assert!(apply(&mut connection, &path, first).unwrap().is_empty());
    assert_eq!(versions(&connection, &path).len(), ALL.len());
}

#[test]
fn what_somebody_dropped_or_changed_is_noticed() {
    let folder = TempDir::new().unwrap();
    let (mut connection, path) = database(&folder);
    apply(&mut connection, &path, &ALL[..1]).unwrap();
    assert_eq!(missing(&connection, &path).unwrap(), Vec::<String>::new());
    apply(&mut connection, &path, ALL).unwrap();
    assert_eq!(missing(&connection, &path).unwrap(), Vec::<String>::new());
    connection
        .execute_batch(
            "DROP INDEX users_by_email; DROP INDEX users_by_state;
             CREATE INDEX users_by_state ON users (version)",
        )
        .unwrap();
    assert_eq!(
        missing(&connection, &path).unwrap(),
        [
            "the index users_by_email is missing",
            "the index users_by_state is not the one of this program"
        ]
    );
}
