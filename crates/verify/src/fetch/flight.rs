//! At most one request under way for each thing that is asked for. It runs in a task of its own, so that
//! callers who hang up can't cause request after request; and it is given up for lost when its time is
//! over, so that one that was frozen midway (a Lambda function between two invocations, a runtime that
//! nobody drives) can't hold up later callers.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;

/// After how many seconds a request that has not ended is given up: a fetch of keys is two requests, and
/// each has five seconds.
const LOST_AFTER: i64 = 11;
/// How many requests are remembered before those that have ended are looked for.
const TIDY_ABOVE: usize = 32;
/// Most requests under way.
const MOST: usize = 1_024;

/// The requests under way, by what they ask for.
pub(crate) struct Flights<K, T>(Mutex<HashMap<K, Flying<T>>>);

struct Flying<T> {
    since: i64,
    task: AbortHandle,
    landing: Landing<T>,
}

/// Tells when a request has ended, however it has.
pub(crate) struct Landing<T>(watch::Receiver<Option<T>>);

/// How a caller came to a request.
pub(crate) enum Boarding<T> {
    /// Another caller's is under way.
    Joined(Landing<T>),
    /// This caller's is.
    Started(Landing<T>),
    /// There is no need any more.
    Unneeded,
    /// Too many others are under way.
    Full,
}

impl<K: Eq + Hash, T: Send + Sync + 'static> Flights<K, T> {
    pub(crate) fn none() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    /// Joins the request for `key` that is under way at `now`; or starts one, if `needed` still says so.
    pub(crate) fn board<F>(
        &self,
        key: K,
        now: i64,
        needed: impl FnOnce() -> bool,
        request: impl FnOnce() -> F,
    ) -> Boarding<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut flying = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = flying.remove(&key) {
            if current.is_under_way(now) {
                let landing = current.landing.clone();
                flying.insert(key, current);
                return Boarding::Joined(landing);
            }
            current.task.abort();
        }
        if !needed() {
            return Boarding::Unneeded;
        }
        if flying.len() > TIDY_ABOVE {
            flying.retain(|_, other| other.is_under_way(now));
        }
        if flying.len() >= MOST {
            return Boarding::Full;
        }
        let (landed, landing) = watch::channel(None);
        let request = request();
        let task = tokio::spawn(async move {
            landed.send_replace(Some(request.await));
        });
        let landing = Landing(landing);
        flying.insert(
            key,
            Flying {
                since: now,
                task: task.abort_handle(),
                landing: landing.clone(),
            },
        );
        Boarding::Started(landing)
    }
}

impl<T> Flying<T> {
    fn is_under_way(&self, now: i64) -> bool {
        // The sender is gone when the task is: done, aborted, or dropped with its runtime. A moment before, what
        // it sent is there.
        let landing = &self.landing.0;
        let has_landed = landing.borrow().is_some() || landing.has_changed().is_err();
        !has_landed && (0..LOST_AFTER).contains(&now.saturating_sub(self.since))
    }
}

impl<T> Clone for Landing<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone> Landing<T> {
    /// Waits for the end of the request, at most this long; gives what came of it, if anything did.
    pub(crate) async fn within(mut self, patience: Duration) -> Option<T> {
        let landed = tokio::time::timeout(patience, self.0.wait_for(Option::is_some));
        landed.await.ok()?.ok()?.clone()
    }
}
