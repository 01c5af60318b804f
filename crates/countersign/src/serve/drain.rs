//! The phases of a server's life, seen by everything that runs in it.
//!
//! Ending takes three steps, so that no request fails. `Draining`: nothing new is accepted, and
//! each answer tells its client to use another connection. `Closing`, a moment later: connections on
//! which nothing happened are closed too; had they been closed at once, a request could have been
//! on its way. Then, after the time that is allowed, whatever is left is cut off.

use std::sync::Arc;

use tokio::sync::watch;

/// Where the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// It accepts and answers.
    Serving,
    /// It answers what is there, and accepts nothing new.
    Draining,
    /// Connections end as soon as they can.
    Closing,
}

/// Announces the phases.
#[derive(Clone)]
pub(super) struct Drain(Arc<watch::Sender<Phase>>);

impl Drain {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Serving)))
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.0.send_replace(phase);
    }

    pub(super) fn is_draining(&self) -> bool {
        *self.0.borrow() != Phase::Serving
    }

    /// Returns once `phase` has come.
    pub(super) async fn reached(&self, phase: Phase) {
        // The sender lives as long as `self`, so waiting can't fail.
        let _ = self.0.subscribe().wait_for(|now| *now >= phase).await;
    }
}
