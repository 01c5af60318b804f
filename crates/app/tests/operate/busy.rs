//! A store that is in use may be checked: who comes while it is read is no damage.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign_app::operate::check;
use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store_admin::RecordKind;
use tempfile::TempDir;

use crate::sample::{at, go_on, session, source, user};

#[tokio::test(flavor = "multi_thread")]
async fn users_who_come_during_a_check_are_not_taken_for_damage() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(source(&folder, 1_000).await);
    let done = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (store, done) = (Arc::clone(&store), Arc::clone(&done));
        async move {
            let mut n = 10_000;
            while !done.load(Ordering::Relaxed) {
                store.write_records(vec![user(n)]).await.unwrap();
                store.write_records(vec![session(n)]).await.unwrap();
                n += 1;
            }
        }
    });
    let mut overtaken = false;
    while !overtaken {
        let report = check(&*store, at(1), &mut go_on).await.unwrap();
        assert_eq!(report.findings, []);
        let count = |kind| report.counts.iter().find(|(k, _)| *k == kind).unwrap().1;
        // Sessions whose users came after the users were read.
        overtaken = count(RecordKind::Session) > count(RecordKind::User);
    }
    done.store(true, Ordering::Relaxed);
    writing.await.unwrap();
}
