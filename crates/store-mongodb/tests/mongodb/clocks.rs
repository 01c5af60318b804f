//! Instances whose clocks disagree: what one takes for over, another may still bring on.

use std::sync::Arc;
use std::time::Duration;

use countersign_app::ports::store::{OpenSession, RotateRefresh, SessionOpened, SetUserState};
use countersign_app::ports::{Store as _, StoreAdmin as _};
use countersign_domain::audit::Action;
use countersign_domain::opaque::TokenHash;
use countersign_domain::refresh::Presented;
use countersign_domain::user::UserState;
use tokio::sync::Barrier;

use crate::common::TestDatabase;
use crate::common::samples::{at, event, opening, signed_up};

/// A session idles out at second 3,600. At 3,700 by its clock one instance locks the user; at 3,500 by
/// its own another refreshes the session. Whichever is first: the session must not live on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_that_ran_out_by_one_clock_does_not_outlive_a_lock_by_another() {
    let database = TestDatabase::new();
    let (store, other) = (Arc::new(database.patient()), Arc::new(database.patient()));
    store.migrate().await.unwrap();
    for round in 0..40 {
        let user = signed_up(&*store).await;
        let OpenSession { session, .. } = opening(&user);
        let opened = store.open_session(OpenSession {
            session: session.clone(),
            ..opening(&user)
        });
        let opened = opened.await.unwrap();
        assert!(matches!(opened, SessionOpened::Opened { .. }));
        let lock = SetUserState {
            by: countersign_domain::standing::By::Operator,
            user_id: user.id,
            state: UserState::Locked,
            expected_version: None,
            now: at(3_700),
            event: event(Action::UserStateChanged),
        };
        let refresh = RotateRefresh {
            session_id: session.id,
            presented: Presented {
                generation: 0,
                hash: session.refresh.current,
            },
            successor: TokenHash::from_bytes([8; 32]),
            nonce: [1; 32],
            retry_window: Duration::from_secs(10),
            now: at(3_500),
            idle_expires_at: at(7_100),
            event: event(Action::Refreshed),
            reuse_event: event(Action::RefreshReused),
        };
        let start = Arc::new(Barrier::new(2));
        let (ready, one) = (Arc::clone(&start), Arc::clone(&store));
        let locked = tokio::spawn(async move {
            ready.wait().await;
            one.set_user_state(lock).await.unwrap()
        });
        let another = Arc::clone(&other);
        let refreshed = tokio::spawn(async move {
            start.wait().await;
            // The two take about as long, but not the same time.
            tokio::time::sleep(Duration::from_micros(100 * round)).await;
            another.rotate(refresh).await.unwrap()
        });
        let _ = locked.await.unwrap();
        let refreshed = refreshed.await.unwrap();
        let (now, _) = store.session(session.id).await.unwrap().unwrap();
        assert!(
            now.ended.is_some(),
            "it lives on, in round {round}: {refreshed:?}"
        );
    }
    database.discard().await;
}
