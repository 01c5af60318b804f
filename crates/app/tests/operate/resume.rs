//! A copy that was stopped or killed goes on nearly where it was, and ends the same.

use std::ops::ControlFlow;
use std::time::Duration;

use countersign_app::operate::{CopyError, Step, unfinished_copy};
use countersign_app::ports::store_admin::RecordKind;
use tempfile::TempDir;

use crate::sample::{NAME, all, go_on, open, run, source};

#[tokio::test]
async fn a_copy_stopped_anywhere_goes_on_and_ends_the_same() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 505).await;
    let mut steps = 0;
    let whole = open(&folder.path().join("whole.db"));
    let expected = run(&source, &whole, |_| {
        steps += 1;
        ControlFlow::Continue(())
    });
    let expected = expected.await.unwrap();
    assert!(steps > 30, "{steps}");
    for stop in (1..=steps).step_by(3) {
        let path = folder.path().join(format!("target-{stop}.db"));
        let target = open(&path);
        let mut left = stop;
        let stopped = run(&source, &target, |_| {
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let stopped = stopped.await.unwrap_err();
        assert!(matches!(stopped, CopyError::Stopped), "{stopped}");
        drop(target);
        let target = open(&path);
        let from = unfinished_copy(&target).await.unwrap();
        assert_eq!(from.as_deref(), Some(NAME));
        let report = run(&source, &target, go_on).await.unwrap();
        assert!(report.resumed);
        assert_eq!(report.kinds, expected.kinds, "stopped at {stop}");
        assert_eq!(unfinished_copy(&target).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_dropped_at_any_moment_goes_on_and_ends_the_same() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 1_005).await;
    let target = open(&folder.path().join("target.db"));
    let mut drops: u32 = 0;
    let report = loop {
        // Each attempt gets a little further than the one before.
        let patience = Duration::from_millis(u64::from(drops) * 20 + 1);
        match tokio::time::timeout(patience, run(&source, &target, go_on)).await {
            Ok(report) => break report.unwrap(),
            Err(_) => drops += 1,
        }
    };
    assert!(drops > 3 && report.resumed, "{drops}");
    for kind in RecordKind::ALL {
        assert_eq!(
            all(&source, kind).await,
            all(&target, kind).await,
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_copy_goes_on_at_most_a_few_batches_behind() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 5_000).await;
    let target = open(&folder.path().join("target.db"));
    let stopped = run(&source, &target, |now| {
        if now.kind == RecordKind::User && now.done == 4_500 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert!(matches!(stopped.await, Err(CopyError::Stopped)));
    let mut first = None;
    run(&source, &target, |now| {
        if now.step == Step::Copying {
            first.get_or_insert((now.kind, now.done));
        }
        ControlFlow::Continue(())
    })
    .await
    .unwrap();
    assert_eq!(first, Some((RecordKind::User, 4_500)));
}
