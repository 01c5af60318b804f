//! Values to test with.

use countersign_app::conformance::samples;
pub use countersign_app::conformance::samples::*;
use countersign_app::ports::Store;
use countersign_app::ports::store::{AuditFilter, OpenSession, SignedUp};
use countersign_domain::audit::Action;
use countersign_domain::page::PageRequest;
use countersign_domain::user::User;

/// A user who signed up.
pub async fn signed_up(store: &dyn Store) -> User {
    let user = user();
    assert_eq!(
        store.sign_up(sign_up(&user)).await.unwrap(),
        SignedUp::Created
    );
    user
}

/// The intent to open a session of a user.
pub fn opening(user: &User) -> OpenSession {
    samples::opening(&samples::session(user), 1_000)
}

/// How many events of an action there are, up to a page of them.
pub async fn logged(store: &dyn Store, action: Action) -> usize {
    let filter = AuditFilter {
        action: Some(action),
        ..AuditFilter::default()
    };
    let page = PageRequest::forward(None, PageRequest::MAX);
    store
        .audit_events(&filter, &page)
        .await
        .unwrap()
        .items
        .len()
}
