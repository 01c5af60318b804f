//! How a call reaches the database: within its deadline, on a connection of its own, tried again
//! where that can do no harm.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::error::Fault;
use crate::pool::{Lease, Pool};

/// How often what others undid is tried at most; the deadline usually ends it before.
const MOST_TRIES: u32 = 20;

/// What a piece of work does to the database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It only reads: a connection that turned out dead is no reason to give up.
    Read,
    /// It changes something: when the end is not known, nothing is done again.
    Change,
}

/// The attempts at one piece of work. Used through [`attempt`](crate::calls::attempt).
pub(crate) struct Attempts {
    pool: Arc<Pool>,
    kind: Kind,
    deadline: Instant,
    made: u32,
}

/// How an attempt ended.
pub(crate) enum Next<T> {
    /// With the answer of the call.
    Answer(StoreResult<T>),
    /// So that another one is worth it.
    Again,
}

impl Attempts {
    pub fn new(pool: &Arc<Pool>, kind: Kind, limit: Duration) -> Self {
        Self {
            pool: Arc::clone(pool),
            kind,
            deadline: Instant::now() + limit,
            made: 0,
        }
    }

    /// A connection for the next attempt.
    pub async fn lease(&mut self) -> StoreResult<Lease> {
        self.made += 1;
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.pool.lease(left).await
    }

    /// The work, until the deadline.
    pub async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Option<Result<T, Fault>> {
        timeout_at(self.deadline, work).await.ok()
    }

    /// What comes after an attempt that ended so.
    pub async fn after<T>(&self, mut lease: Lease, outcome: Option<Result<T, Fault>>) -> Next<T> {
        let fault = match outcome {
            Some(Ok(answer)) => return Next::Answer(Ok(answer)),
            Some(Err(fault)) => fault,
            None => {
                // A server that is well would have answered, if only that it waited too long: what
                // rests beside this connection leads to the same one.
                lease.forget();
                return Next::Answer(Err(StoreError::Unavailable(
                    "PostgreSQL did not answer in time".to_owned(),
                )));
            }
        };
        let was_rested = !lease.is_new();
        let ends_connection = fault.ends_connection();
        if ends_connection {
            lease.forget();
        } else if matches!(fault, Fault::Engine(_)) {
            // The server answered: it undid the change, and the connection is as good as new.
            let _ = timeout_at(self.deadline, lease.roll_back()).await;
        }
        drop(lease);
        // A plan made for another schema was refused before it ran, and the change undone with it.
        let is_harmless = self.kind == Kind::Read || fault.is_stale_plan();
        let is_worth_a_new_connection =
            is_harmless && ends_connection && was_rested && self.made == 1;
        if (fault.is_conflict() || is_worth_a_new_connection) && self.made < MOST_TRIES {
            let pause = Instant::now() + pause(self.made);
            if pause < self.deadline {
                sleep_until(pause).await;
                return Next::Again;
            }
        }
        Next::Answer(Err(fault.into()))
    }
}

/// Does a piece of work: an expression that gives its future, with the name given to the leased
/// connection. It may be evaluated several times. A macro, because a closure whose future borrows
/// its argument can't promise to be `Send`.
macro_rules! attempt {
    ($store:expr, $kind:expr, $limit:expr, |$lease:ident| $work:expr) => {{
        let mut attempts = $crate::calls::Attempts::new($store.pool(), $kind, $limit);
        loop {
            let mut held = match attempts.lease().await {
                Ok(lease) => lease,
                Err(error) => break Err(error),
            };
            let $lease = &mut held;
            let outcome = attempts.within($work).await;
            match attempts.after(held, outcome).await {
                $crate::calls::Next::Answer(answer) => break answer,
                $crate::calls::Next::Again => {}
            }
        }
    }};
}
pub(crate) use attempt;

/// An ordinary read.
macro_rules! read {
    ($store:expr, |$lease:ident| $work:expr) => {
        $crate::calls::attempt!(
            $store,
            $crate::calls::Kind::Read,
            $store.limits().call,
            |$lease| $work
        )
    };
}
pub(crate) use read;

/// An ordinary change.
macro_rules! change {
    ($store:expr, |$lease:ident| $work:expr) => {
        $crate::calls::attempt!(
            $store,
            $crate::calls::Kind::Change,
            $store.limits().call,
            |$lease| $work
        )
    };
}
pub(crate) use change;

/// What touches many rows.
macro_rules! bulk {
    ($store:expr, $kind:expr, |$lease:ident| $work:expr) => {
        $crate::calls::attempt!($store, $kind, $store.limits().bulk, |$lease| $work)
    };
}
pub(crate) use bulk;

/// A short wait, longer with each attempt, and not the same for all.
fn pause(attempt: u32) -> Duration {
    // Every state begins with other keys.
    let chance = RandomState::new().hash_one(attempt) % 1_000;
    Duration::from_micros(u64::from(attempt.min(8)) * (1_000 + chance * 4))
}
