//! A source that is in use while it is copied: noticed, and mended by the next run as far as that
//! can be.

use std::ops::ControlFlow;

use countersign_app::operate::{CopyError, Progress, Step, unfinished_copy};
use countersign_app::ports::store::{DeleteUser, UserDeleted};
use countersign_app::ports::store_admin::{Record, RecordKind};
use countersign_app::ports::{Store, StoreAdmin};
use countersign_store_sqlite::SqliteStore;
use tempfile::TempDir;

use crate::sample::{all, event, go_on, meanwhile, open, run, session, source, user};

/// Does `change` to the source once, when the copying has come to `kind`.
async fn with_a_change<F: Future<Output = ()> + Send>(
    source: &SqliteStore,
    target: &SqliteStore,
    kind: RecordKind,
    change: F,
) -> CopyError {
    let mut change = Some(change);
    let copied = run(source, target, |now: Progress| {
        if now.step == Step::Copying
            && now.kind == kind
            && let Some(change) = change.take()
        {
            meanwhile(change);
        }
        ControlFlow::Continue(())
    });
    let error = copied.await.unwrap_err();
    assert!(unfinished_copy(target).await.unwrap().is_some());
    error
}

async fn heals(source: &SqliteStore, target: &SqliteStore) {
    let report = run(source, target, go_on).await.unwrap();
    assert!(report.resumed);
    for kind in RecordKind::ALL {
        assert_eq!(all(source, kind).await, all(target, kind).await, "{kind:?}");
    }
}

#[tokio::test]
async fn what_came_or_changed_during_the_copy_is_noticed_and_arrives_with_the_next_run() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 20).await;
    let target = open(&folder.path().join("target.db"));
    let Record::User(mut changed, password) = user(3) else {
        panic!("no user")
    };
    changed.version += 1;
    changed.username = Some("renamed".parse().unwrap());
    let records = vec![user(1_000), Record::User(changed, password)];
    let error = with_a_change(&source, &target, RecordKind::PersonalToken, async {
        source.write_records(records).await.unwrap();
        source.write_records(vec![event(1_000)]).await.unwrap();
    });
    let error = error.await;
    let CopyError::Differs { differences } = &error else {
        panic!("{error}")
    };
    // The event came before the log was copied, so it arrived.
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(
        differences[0].to_string(),
        "users: 21 in the source, 20 in the target, which lacks 1"
    );
    heals(&source, &target).await;
}

#[tokio::test]
async fn a_session_whose_user_came_too_late_is_refused_and_both_arrive_with_the_next_run() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 20).await;
    let target = open(&folder.path().join("target.db"));
    let error = with_a_change(&source, &target, RecordKind::User, async {
        source.write_records(vec![user(1_000)]).await.unwrap();
        source.write_records(vec![session(1_000)]).await.unwrap();
    });
    let error = error.await;
    let is_of_sessions = matches!(
        error,
        CopyError::Refused {
            kind: RecordKind::Session,
            ..
        }
    );
    assert!(is_of_sessions, "{error}");
    assert_eq!(error.code(), "copy_records_refused");
    heals(&source, &target).await;
}

#[tokio::test]
async fn what_vanished_from_the_source_is_told_run_after_run() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 20).await;
    let target = open(&folder.path().join("target.db"));
    let Record::User(gone, _) = user(7) else {
        panic!("no user")
    };
    let Record::AuditEvent(line) = event(1_000) else {
        panic!("no event")
    };
    let intent = DeleteUser {
        by: countersign_domain::standing::By::Operator,
        user_id: gone.id,
        expected_version: None,
        event: line,
    };
    let error = with_a_change(&source, &target, RecordKind::AuditEvent, async {
        let deleted = source.delete_user(intent).await.unwrap();
        assert_eq!(deleted, UserDeleted::Deleted);
    });
    let mut error = error.await;
    for _ in 0..2 {
        let CopyError::Differs { differences } = &error else {
            panic!("{error}")
        };
        let more: Vec<_> = differences
            .iter()
            .filter(|difference| difference.target > difference.source)
            .map(|difference| difference.kind)
            .collect();
        assert_eq!(
            more,
            [
                RecordKind::User,
                RecordKind::Session,
                RecordKind::PersonalToken
            ]
        );
        let text = error.to_string();
        assert!(text.contains("which has 1 that are gone"), "{text}");
        assert!(text.contains("empty it and begin anew"), "{text}");
        error = run(&source, &target, go_on).await.unwrap_err();
    }
}
