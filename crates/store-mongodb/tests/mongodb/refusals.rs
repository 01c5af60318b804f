//! What a unique index refuses for no reason that can be seen.

use std::time::Duration;

use countersign_app::ports::store::StoreLimits;
use countersign_app::ports::{Store as _, StoreAdmin as _, StoreError};
use countersign_domain::audit::Action;

use crate::common::TestDatabase;
use crate::common::samples::{logged, sign_up, signed_up, user};

/// On a set whose majority lags behind, a name that was taken a moment ago is in the index and not in
/// what is read. Here an id that is there already, under other names, stands in for it.
#[tokio::test]
async fn a_refusal_that_nothing_explains_ends_when_time_is_up_and_as_something_that_may_pass() {
    let database = TestDatabase::new();
    let store = database.patient();
    store.migrate().await.unwrap();
    let first = signed_up(&store).await;
    let mut second = user();
    second.id = first.id;
    let hasty = database.store(StoreLimits {
        call: Duration::from_secs(3),
        ..crate::common::patience()
    });
    let answer = hasty.sign_up(sign_up(&second)).await;
    assert!(
        matches!(answer, Err(StoreError::Unavailable(_))),
        "{answer:?}"
    );
    assert_eq!(logged(&store, Action::SignedUp).await, 1);
    database.discard().await;
}
