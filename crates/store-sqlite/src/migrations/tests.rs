use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::connection;

const FIRST: Migration = Migration {
    version: 1,
    name: "first",
    sql: "CREATE TABLE a (n)",
};
const SECOND: Migration = Migration {
    version: 2,
    name: "second",
    sql: "CREATE TABLE b (n)",
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
        .map(|(version, ..)| version)
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
        sql: "CREATE TABLE a (n, m)",
        ..FIRST
    };
    let error = apply(&mut connection, &path, &[changed, SECOND]).unwrap_err();
    assert!(
        matches!(error, SqliteError::MigrationChanged { version: 1, .. }),
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
        matches!(error, SqliteError::TooNew { version: 2, .. }),
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
        sql: "CREATE TABLE b (n); CREATE TABLE a (n)",
        ..SECOND
    };
    apply(&mut connection, &path, &[FIRST, bad]).unwrap_err();
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
    connection::use_write_ahead_log(&connection).unwrap();
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
