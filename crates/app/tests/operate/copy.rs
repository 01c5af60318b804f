//! Everything arrives, and what does not arrive as it was is noticed.

use std::ops::ControlFlow;

use countersign_app::operate::{CopyError, Progress, Step, check, unfinished_copy};
use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store_admin::{Record, RecordKind};
use countersign_domain::audit::Action;
use tempfile::TempDir;

use crate::sample::{all, at, go_on, meanwhile, open, run, source};

#[tokio::test]
async fn everything_arrives_and_is_compared() {
    let folder = TempDir::new().unwrap();
    let (source, target) = (
        source(&folder, 1_200).await,
        open(&folder.path().join("target.db")),
    );
    let mut seen: Vec<Progress> = Vec::new();
    let report = run(&source, &target, |now| {
        seen.push(now);
        ControlFlow::Continue(())
    });
    let report = report.await.unwrap();
    assert!(!report.resumed);
    let counts: Vec<_> = report.kinds.iter().map(|k| (k.kind, k.count)).collect();
    assert_eq!(
        counts,
        [
            (RecordKind::Role, 1),
            (RecordKind::User, 1_200),
            (RecordKind::Session, 1_200),
            (RecordKind::PersonalToken, 1_200),
            (RecordKind::IdempotencyKey, 1_200),
            (RecordKind::AuditEvent, 1_200),
            (RecordKind::Keys, 1),
        ]
    );
    for kind in RecordKind::ALL {
        assert_eq!(
            all(&source, kind).await,
            all(&target, kind).await,
            "{kind:?}"
        );
    }
    assert_eq!(unfinished_copy(&target).await.unwrap(), None);

    // Each step told of each kind up to its end, in batches.
    for step in [Step::Copying, Step::ReadingSource, Step::ReadingTarget] {
        let users: Vec<_> = seen
            .iter()
            .filter(|now| now.step == step && now.kind == RecordKind::User)
            .map(|now| (now.done, now.expected))
            .collect();
        assert_eq!(
            users,
            [
                (500, Some(1_200)),
                (1_000, Some(1_200)),
                (1_200, Some(1_200))
            ]
        );
    }
    let report = check(&target, at(1), &mut go_on).await.unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(report.counts, counts);
}

#[tokio::test]
async fn an_empty_store_is_copied_too() {
    let folder = TempDir::new().unwrap();
    let (source, target) = (
        open(&folder.path().join("source.db")),
        open(&folder.path().join("target.db")),
    );
    let report = run(&source, &target, go_on).await.unwrap();
    assert!(report.kinds.iter().all(|kind| kind.count == 0));
    assert!(target.is_empty().await.unwrap());
    assert_eq!(unfinished_copy(&target).await.unwrap(), None);
}

/// A record with a small change.
fn altered(record: &Record) -> Record {
    let mut record = record.clone();
    match &mut record {
        Record::Role(role) => role.description = "x".parse().unwrap(),
        Record::User(_, password) => {
            *password = Some(countersign_domain::password::PasswordHash::from_stored("y"));
        }
        Record::Session(session) => session.refresh.nonce[31] ^= 1,
        Record::PersonalToken(token) => token.revoked_at = Some(at(1)),
        Record::IdempotencyKey(key) => key.expires_at = at(61),
        Record::AuditEvent(event) => event.action = Action::Refreshed,
        Record::Keys(set) => set.keys[0].sealed[0] ^= 1,
    }
    record
}

#[tokio::test]
async fn a_single_change_in_the_target_is_noticed_whatever_the_kind() {
    let folder = TempDir::new().unwrap();
    let source = source(&folder, 5).await;
    for kind in RecordKind::ALL {
        let target = open(&folder.path().join(format!("{}.db", kind.as_str())));
        let damage = altered(all(&source, kind).await.last().unwrap());
        let mut damage = Some(damage);
        let outcome = run(&source, &target, |now| {
            // All is copied, and nothing of the target was read yet.
            if now.step == Step::ReadingSource
                && let Some(record) = damage.take()
            {
                meanwhile(target.write_records(vec![record])).unwrap();
            }
            ControlFlow::Continue(())
        })
        .await;
        let Err(error) = outcome else {
            panic!("a change among the {kind:?} was not noticed")
        };
        let CopyError::Differs { differences } = &error else {
            panic!("{error}")
        };
        assert_eq!(differences.len(), 1, "{differences:?}");
        let difference = differences[0];
        assert_eq!(
            (difference.kind, difference.source),
            (kind, difference.target)
        );
        assert_eq!(error.code(), "copy_verification_failed");
        let text = error.to_string();
        assert!(
            text.contains(kind.as_str()) && text.contains("run the same copy again"),
            "{text}"
        );
        assert!(unfinished_copy(&target).await.unwrap().is_some());

        // The next run mends it.
        let report = run(&source, &target, go_on).await.unwrap();
        assert!(report.resumed);
        assert_eq!(all(&source, kind).await, all(&target, kind).await);
    }
}
