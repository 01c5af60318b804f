//! One change on its way through the writer: done, kept back until the commit, then answered.

use std::panic::{AssertUnwindSafe, catch_unwind};

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use rusqlite::Connection;
use tokio::sync::oneshot::Sender;

/// A change, whatever it answers.
pub(crate) trait Job: Send {
    /// Whether nobody waits for it any more; it was not begun, so it need not be.
    fn is_abandoned(&self) -> bool;

    /// Does the change. `false` asks for it to be undone.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Answers, after the commit or its failure.
    fn answer(self: Box<Self>, failure: Option<&StoreError>);
}

/// The change `F` with the answer `T`.
pub(crate) struct Work<T, F> {
    change: Option<F>,
    outcome: Option<StoreResult<T>>,
    reply: Sender<StoreResult<T>>,
}

impl<T, F> Work<T, F> {
    pub fn new(change: F, reply: Sender<StoreResult<T>>) -> Self {
        Self {
            change: Some(change),
            outcome: None,
            reply,
        }
    }
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> StoreResult<T> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> bool {
        let Some(change) = self.change.take() else {
            return false;
        };
        // A panic is a fault of one change; the writer goes on for all others.
        let outcome = catch_unwind(AssertUnwindSafe(|| change(connection))).unwrap_or_else(|_| {
            Err(StoreError::Corrupt(
                "a change met what it never should, and was undone".to_owned(),
            ))
        });
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn answer(self: Box<Self>, failure: Option<&StoreError>) {
        let answer = match (self.outcome, failure) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(failure)) => Err(StoreError::Unavailable(failure.to_string())),
            (Some(outcome), None) => outcome,
            (None, None) => Err(StoreError::Unavailable(
                "the change was not begun".to_owned(),
            )),
        };
        // Whoever asked may have gone away.
        let _ = self.reply.send(answer);
    }
}
