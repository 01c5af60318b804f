//! Listens to the driver: every command that it sends is one round trip, and every connection that it
//! takes from its pool is a new one or one that was there. The driver reports both within the task
//! that makes the call, so a task-local tells which call it was; the call then notes once, in the
//! caller's tracing span, whether it made a connection or reused one.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use countersign_app::ports::store::ActivityCounter;
use mongodb::event::EventHandler;
use mongodb::event::cmap::CmapEvent;
use mongodb::event::command::CommandEvent;
use mongodb::options::ClientOptions;

/// What one call was seen to do.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    made_one: AtomicBool,
    reused_one: AtomicBool,
    commits: AtomicU32,
}

tokio::task_local! {
    static CALL: Arc<Seen>;
}

impl Seen {
    /// Runs a call, then counts what connections it used. A call that is dropped is not counted.
    pub async fn around<T>(counter: &ActivityCounter, call: impl Future<Output = T>) -> T {
        let seen = Arc::new(Self::default());
        let answer = CALL.scope(Arc::clone(&seen), call).await;
        if seen.made_one.load(Ordering::Relaxed) {
            counter.connection(true);
        } else if seen.reused_one.load(Ordering::Relaxed) {
            counter.connection(false);
        }
        answer
    }

    /// How often this call has sent a commit, the driver's own second tries included.
    pub fn commits() -> u32 {
        CALL.try_with(|seen| seen.commits.load(Ordering::Relaxed))
            .unwrap_or_default()
    }
}

/// Makes the driver report to `counter`.
pub(crate) fn listen(options: &mut ClientOptions, counter: &Arc<ActivityCounter>) {
    let counter = Arc::clone(counter);
    options.command_event_handler = Some(EventHandler::callback(move |event| {
        if let CommandEvent::Started(started) = event {
            counter.round_trip();
            if started.command_name == "commitTransaction" {
                let _ = CALL.try_with(|seen| seen.commits.fetch_add(1, Ordering::Relaxed));
            }
        }
    }));
    // Connections that are ready and were not taken yet.
    let fresh = Mutex::new(HashSet::new());
    options.cmap_event_handler = Some(EventHandler::callback(move |event| {
        let mut fresh = fresh.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            CmapEvent::ConnectionReady(ready) => {
                fresh.insert((ready.address, ready.connection_id));
            }
            CmapEvent::ConnectionClosed(closed) => {
                fresh.remove(&(closed.address, closed.connection_id));
            }
            CmapEvent::ConnectionCheckedOut(taken) => {
                let is_new = fresh.remove(&(taken.address, taken.connection_id));
                let _ = CALL.try_with(|seen| {
                    let which = if is_new {
                        &seen.made_one
                    } else {
                        &seen.reused_one
                    };
                    which.store(true, Ordering::Relaxed);
                });
            }
            _ => {}
        }
    }));
}
