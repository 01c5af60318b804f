//! What is not copied, and what is left as it was then.

use std::fs;
use std::ops::ControlFlow;

use countersign_app::operate::{CopyError, Side, check, copy, unfinished_copy};
use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store_admin::RecordKind;
use countersign_store_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

use crate::sample::{NAME, all, at, event, go_on, open, run, source};

#[tokio::test]
async fn a_target_that_is_not_empty_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 3).await;
    let target = open(&folder.path().join("target.db"));
    target.write_records(vec![event(99)]).await.unwrap();
    let refused = run(&source, &target, go_on).await.unwrap_err();
    assert!(matches!(refused, CopyError::NotEmpty), "{refused}");
    assert_eq!(refused.code(), "copy_target_not_empty");
    assert_eq!(all(&target, RecordKind::AuditEvent).await, [event(99)]);
    assert!(all(&target, RecordKind::User).await.is_empty());
    assert_eq!(unfinished_copy(&target).await.unwrap(), None);

    // Nor is a store copied over itself.
    let refused = run(&source, &source, go_on).await.unwrap_err();
    assert!(matches!(refused, CopyError::NotEmpty), "{refused}");
}

#[tokio::test]
async fn an_unfinished_copy_is_gone_on_with_from_its_own_source_alone_and_is_no_source() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 3).await;
    let target = open(&folder.path().join("target.db"));
    let stop = |_| ControlFlow::Break(());
    let stopped = run(&source, &target, stop).await.unwrap_err();
    assert!(matches!(stopped, CopyError::Stopped), "{stopped}");

    let refused = copy(&source, "sqlite:/other.db", &target, &mut go_on).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, CopyError::OtherCopy { .. }), "{refused}");
    assert!(refused.to_string().contains(NAME), "{refused}");

    let third = open(&folder.path().join("third.db"));
    let refused = run(&target, &third, go_on).await.unwrap_err();
    assert!(
        matches!(refused, CopyError::SourceUnfinished { .. }),
        "{refused}"
    );
    assert!(third.is_empty().await.unwrap());

    let report = check(&target, at(1), &mut go_on).await.unwrap();
    assert_eq!(report.findings[0].code, "copy_unfinished");
    assert_eq!(report.errors(), 1);
    assert!(report.findings[0].shown[0].contains(NAME));

    run(&source, &target, go_on).await.unwrap();
    assert_eq!(
        check(&target, at(1), &mut go_on).await.unwrap().findings,
        []
    );
}

#[tokio::test]
async fn a_mark_that_can_not_be_read_belongs_to_somebody_else() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 3).await;
    let target = open(&folder.path().join("target.db"));
    target.set_copy_mark(Some("what is this")).await.unwrap();
    let refused = run(&source, &target, go_on).await.unwrap_err();
    assert!(matches!(refused, CopyError::OtherCopy { .. }), "{refused}");
    assert!(target.is_empty().await.unwrap());
}

#[tokio::test]
async fn both_sides_must_be_up_to_date() {
    let folder = TempDir::new().unwrap();
    let ready = source(&folder, 3).await;
    let path = folder.path().join("new.db");
    fs::write(&path, "").unwrap();
    let new = SqliteStore::open_existing(&path, SqliteOptions::default()).unwrap();
    for (from, to, side) in [(&ready, &new, Side::Target), (&new, &ready, Side::Source)] {
        let refused = run(from, to, go_on).await.unwrap_err();
        let text = refused.to_string();
        let CopyError::Pending { side: told, names } = refused else {
            panic!("{refused}")
        };
        assert_eq!(told, side);
        assert_eq!(names, new.pending_migrations().await.unwrap());
        assert!(
            text.contains("0001_first") && text.contains("migrate"),
            "{text}"
        );
    }
    let report = check(&new, at(1), &mut go_on).await.unwrap();
    assert_eq!(report.findings[0].code, "migrations_pending");
    assert_eq!((report.errors(), report.counts.len()), (1, 0));

    new.migrate().await.unwrap();
    run(&ready, &new, go_on).await.unwrap();
}
