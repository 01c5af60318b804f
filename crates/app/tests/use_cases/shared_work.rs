//! Work that instances of one store share: each piece is done by one of them.

use std::time::Duration;

use futures::future::join_all;

use crate::support::Instance;
use countersign_app::ports::store::AuditFilter;
use countersign_domain::audit::Action;
use countersign_domain::page::PageRequest;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test(flavor = "multi_thread")]
async fn of_all_instances_one_clears_away_in_a_period() {
    let instance = Instance::new().await;
    let other = instance.beside().await;
    let turns = async || {
        let asking = (0..20).map(|n| if n % 2 == 0 { &instance } else { &other });
        let asking = asking.map(|one| one.app.claim_pruning(HOUR));
        let answers = join_all(asking).await;
        answers.into_iter().filter(|a| *a.as_ref().unwrap()).count()
    };
    assert_eq!(turns().await, 1);
    assert_eq!(turns().await, 0, "it was done a moment ago");
    let a_moment = Duration::from_millis(1);
    instance.clock.advance(HOUR.saturating_sub(a_moment));
    assert_eq!(turns().await, 0);
    instance.clock.advance(a_moment);
    assert_eq!(turns().await, 1, "an hour later it is due again");
}

async fn changes_of_keys(instance: &Instance) -> usize {
    let filter = AuditFilter {
        action: Some(Action::KeysChanged),
        ..AuditFilter::default()
    };
    let page = PageRequest::forward(None, 100);
    let events = instance.app.audit_events(&filter, &page).await.unwrap();
    events.items.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_rotate_at_the_same_moment_rotate_once_and_none_fails() {
    let instance = Instance::new().await;
    let other = instance.beside().await;
    for _ in 0..3 {
        let (keys, changes) = (
            instance.app.keys().records().len(),
            changes_of_keys(&instance).await,
        );
        // The day on which the successors of all keys are made.
        instance.clock.advance(89 * 24 * HOUR);
        let racing = (0..8).map(|n| if n % 2 == 0 { &instance } else { &other });
        let racing = racing.map(|one| one.app.keep_keys());
        let steps: usize = join_all(racing)
            .await
            .into_iter()
            .map(|steps| steps.unwrap().len())
            .sum();
        other.app.keep_keys().await.unwrap();
        assert_eq!(changes_of_keys(&instance).await, changes + 1);
        assert!(steps > 0);
        instance.clock.advance(2 * 24 * HOUR);
        instance.app.keep_keys().await.unwrap();
        assert!(instance.app.keys().records().len() <= keys + 3);
    }
}
