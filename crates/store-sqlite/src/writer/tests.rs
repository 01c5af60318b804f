use std::sync::mpsc::channel;
use std::time::Duration;

use rusqlite::params;
use tempfile::TempDir;

use super::*;
use crate::connection;
use crate::error::OrStoreError;

fn writer(folder: &TempDir, options: &SqliteOptions) -> Writer {
    let path = folder.path().join("test.db");
    connection::create_file(&path).unwrap();
    let connection = connection::writing(&path, options.busy_timeout).unwrap();
    connection::use_write_ahead_log(&connection, Duration::from_secs(5)).unwrap();
    connection
        .execute_batch("CREATE TABLE IF NOT EXISTS t (n INTEGER NOT NULL UNIQUE)")
        .unwrap();
    Writer::start(connection, options, Arc::default()).unwrap()
}

fn insert(connection: &Connection, n: i64) -> StoreResult<()> {
    let sql = "INSERT INTO t (n) VALUES (?1)";
    connection
        .prepare_cached(sql)
        .and_then(|mut s| s.execute(params![n]))
        .or_store_error()?;
    Ok(())
}

fn stored(folder: &TempDir) -> Vec<i64> {
    let path = folder.path().join("test.db");
    let connection = connection::reading(&path, Duration::from_secs(1)).unwrap();
    let mut statement = connection.prepare("SELECT n FROM t ORDER BY n").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Keeps the writer busy until the sender is dropped, so that what is sent meanwhile is one batch.
fn hold(
    writer: &Arc<Writer>,
) -> (
    std::sync::mpsc::Sender<()>,
    tokio::task::JoinHandle<StoreResult<()>>,
) {
    let (release, released) = channel::<()>();
    let (start, started) = channel();
    let writer = Arc::clone(writer);
    let task = tokio::spawn(async move {
        let hold = move |_: &Connection| {
            start.send(()).ok();
            released.recv().ok();
            Ok(())
        };
        writer.write(hold).await
    });
    tokio::task::block_in_place(|| started.recv().unwrap());
    (release, task)
}

/// Waits until so many writes wait.
async fn waiting(writer: &Writer, count: u64) {
    while writer.counters.snapshot().queue_depth < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_together_is_committed_together() {
    let folder = TempDir::new().unwrap();
    let writer = Arc::new(writer(&folder, &SqliteOptions::default()));
    let (release, held) = hold(&writer);
    let before = writer.counters.snapshot();
    let tasks: Vec<_> = (0..100)
        .map(|n| {
            let writer = Arc::clone(&writer);
            tokio::spawn(async move { writer.write(move |c| insert(c, n)).await })
        })
        .collect();
    waiting(&writer, 100).await;
    drop(release);
    held.await.unwrap().unwrap();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let after = writer.counters.snapshot();
    assert_eq!(
        after.commits - before.commits,
        2,
        "the one that was held, and the hundred"
    );
    assert_eq!(after.last_batch, 100);
    assert_eq!(stored(&folder), (0..100).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_or_panics_is_undone_alone() {
    let folder = TempDir::new().unwrap();
    let writer = Arc::new(writer(&folder, &SqliteOptions::default()));
    let (release, held) = hold(&writer);
    let tasks: Vec<_> = (0..30)
        .map(|n| {
            let writer = Arc::clone(&writer);
            tokio::spawn(async move {
                let change = move |c: &Connection| {
                    insert(c, n)?;
                    match n % 3 {
                        0 => Ok(()),
                        1 => insert(c, n),
                        _ => panic!("a fault of this change"),
                    }
                };
                (n, writer.write(change).await)
            })
        })
        .collect();
    waiting(&writer, 30).await;
    drop(release);
    held.await.unwrap().unwrap();
    for task in tasks {
        let (n, answer) = task.await.unwrap();
        match n % 3 {
            0 => answer.unwrap(),
            _ => assert!(
                matches!(answer, Err(StoreError::Corrupt(_))),
                "{n}: {answer:?}"
            ),
        }
    }
    assert_eq!(stored(&folder), (0..30).step_by(3).collect::<Vec<_>>());
    writer.write(|c| insert(c, 1000)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_answers_at_once() {
    let folder = TempDir::new().unwrap();
    let options = SqliteOptions {
        queue: 2,
        ..SqliteOptions::default()
    };
    let writer = Arc::new(writer(&folder, &options));
    let (release, held) = hold(&writer);
    let tasks = [1, 2].map(|n| {
        let writer = Arc::clone(&writer);
        tokio::spawn(async move { writer.write(move |c| insert(c, n)).await })
    });
    waiting(&writer, 2).await;
    // The writer is still held: an answer now is one that waited for nothing.
    let refused = writer.write(|c| insert(c, 3)).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert_eq!(writer.counters.snapshot().refused, 1);
    drop(release);
    held.await.unwrap().unwrap();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(stored(&folder), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_nobody_waits_for_any_more_is_not_begun() {
    let folder = TempDir::new().unwrap();
    let writer = Arc::new(writer(&folder, &SqliteOptions::default()));
    let (release, held) = hold(&writer);
    let given_up = tokio::spawn({
        let writer = Arc::clone(&writer);
        async move { writer.write(|c| insert(c, 1)).await }
    });
    waiting(&writer, 1).await;
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    drop(release);
    held.await.unwrap().unwrap();
    writer.write(|c| insert(c, 2)).await.unwrap();
    assert_eq!(stored(&folder), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_transaction_is_lost_nobody_is_told_of_success() {
    let folder = TempDir::new().unwrap();
    let writer = Arc::new(writer(&folder, &SqliteOptions::default()));
    let (release, held) = hold(&writer);
    let tasks: Vec<_> = (0..3)
        .map(|n| {
            let writer = Arc::clone(&writer);
            tokio::spawn(async move {
                let change = move |c: &Connection| {
                    if n == 1 {
                        // As a full disk does.
                        c.execute_batch("ROLLBACK").or_store_error()
                    } else {
                        insert(c, n)
                    }
                };
                writer.write(change).await
            })
        })
        .collect();
    waiting(&writer, 3).await;
    drop(release);
    held.await.unwrap().unwrap();
    for task in tasks {
        let answer = task.await.unwrap();
        assert!(
            matches!(answer, Err(StoreError::Unavailable(_))),
            "{answer:?}"
        );
    }
    assert!(stored(&folder).is_empty());
    assert_eq!(writer.counters.snapshot().failed_commits, 1);
    writer.write(|c| insert(c, 9)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_that_writes_is_waited_for_and_not_for_ever() {
    let folder = TempDir::new().unwrap();
    let options = SqliteOptions {
        busy_timeout: Duration::from_millis(200),
        ..SqliteOptions::default()
    };
    let writer = writer(&folder, &options);
    let other =
        connection::writing(&folder.path().join("test.db"), Duration::from_secs(1)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = writer.write(|c| insert(c, 1)).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert!(stored(&folder).is_empty());

    let (answer, ()) = tokio::join!(writer.write(|c| insert(c, 2)), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        other.execute_batch("COMMIT").unwrap();
    });
    answer.unwrap();
    assert_eq!(stored(&folder), [2]);
}
