//! Keeping the keys and clearing away what is over, without a process that runs all the time. A server
//! does both by its own clock; a function does them by the age of what it knows, when it is awake, or
//! when a schedule calls it. Of all instances on one database, servers included, one at a time clears
//! away, once an hour.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use countersign_app::{App, AppError};
use countersign_domain::time::Timestamp;
use serde::Serialize;

use crate::compose::RELOAD_KEYS_WITHIN;

/// Keys older than this are looked at again once an answer is out. A server does so at this pace.
const FRESH_KEYS: Duration = Duration::from_secs(5);
const PRUNE_EVERY: Duration = Duration::from_hours(1);
const ASK_TO_PRUNE_EVERY: Duration = Duration::from_mins(10);
/// How long a turn takes at most that nobody asked for: somebody may wait for this instance.
const A_MOMENT: Duration = Duration::from_millis(300);

/// When what was last done, in milliseconds of the system's clock: a frozen process has no other.
#[derive(Default)]
pub(super) struct Upkeep {
    keys: AtomicI64,
    asked_to_prune: AtomicI64,
}

/// What a turn of maintenance did.
#[derive(Debug, Default, Serialize)]
pub(super) struct Maintained {
    /// Steps that the keys' schedule asked for.
    keys_changed: usize,
    /// Records cleared away: sessions, tokens, keys of idempotency and audit events.
    cleared_away: u64,
    /// Whether that was all; if not, the next turn goes on.
    finished: bool,
}

impl Upkeep {
    /// The keys were loaded just now.
    pub(super) fn keys_are_fresh(&self, now: Timestamp) {
        self.keys.store(now.as_millis(), Ordering::Relaxed);
    }

    /// Before a request: another instance may have changed the keys while this one was frozen. A retired
    /// key signs for no longer than its successors count on.
    pub(super) async fn before_request(&self, app: &App) {
        if is_older(&self.keys, app.now(), RELOAD_KEYS_WITHIN) {
            self.keep_keys(app).await;
        }
    }

    /// After an answer: what is due, a little of it.
    pub(super) async fn after_answer(&self, app: &App) {
        if is_older(&self.keys, app.now(), FRESH_KEYS) {
            self.keep_keys(app).await;
        }
        if is_older(&self.asked_to_prune, app.now(), ASK_TO_PRUNE_EVERY) {
            self.asked_to_prune
                .store(app.now().as_millis(), Ordering::Relaxed);
            if let Err(error) = take_turn(app).await {
                tracing::warn!(%error, "what is over could not be cleared away");
            }
        }
    }

    /// All that is due, as far as the time suffices.
    pub(super) async fn maintain(&self, app: &App, time: Duration) -> Result<Maintained, AppError> {
        let begun = Instant::now();
        let keys_changed = app.keep_keys().await?.len();
        self.keys_are_fresh(app.now());
        let (cleared_away, finished) = prune(app, time.saturating_sub(begun.elapsed())).await?;
        Ok(Maintained {
            keys_changed,
            cleared_away,
            finished,
        })
    }

    async fn keep_keys(&self, app: &App) {
        match app.keep_keys().await {
            Ok(steps) => {
                self.keys_are_fresh(app.now());
                if !steps.is_empty() {
                    tracing::info!(steps = steps.len(), "the keys were changed on schedule");
                }
            }
            Err(error) => tracing::warn!(%error, "the keys could not be looked after"),
        }
    }
}

fn is_older(then: &AtomicI64, now: Timestamp, age: Duration) -> bool {
    let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
    now.as_millis() - then.load(Ordering::Relaxed) >= age
}

/// Clears away for a moment, if it is this instance's turn.
async fn take_turn(app: &App) -> Result<(), AppError> {
    if app.claim_pruning(PRUNE_EVERY).await? {
        prune(app, A_MOMENT).await?;
    }
    Ok(())
}

/// Clears away batch after batch until the time is over. Gives how much went, and whether that was all.
async fn prune(app: &App, time: Duration) -> Result<(u64, bool), AppError> {
    let begun = Instant::now();
    let mut cleared = 0;
    loop {
        let count = app.prune().await?;
        if count == 0 {
            return Ok((cleared, true));
        }
        cleared += count;
        if begun.elapsed() >= time {
            return Ok((cleared, false));
        }
    }
}
