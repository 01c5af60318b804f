//! Clearing away what is over: ended sessions, expired tokens, and old audit events if they are not
//! kept for ever.

use std::time::Duration;

use countersign_domain::audit::{Action, Actor};

use crate::ports::store::{ClaimTask, Prune, Pruned};
use crate::{App, AppError, Origin};

/// How long what is over is kept, so that a late replay is still told from nonsense.
const GRACE: Duration = Duration::from_hours(168);
/// How much one change clears away: little enough not to hold up others.
const BATCH: u32 = 500;

/// By which the instances of a database agree whose turn it is.
const TASK: &str = "prune";

impl App {
    /// Takes a turn at clearing away: `true` if it is due, which it then is again `every` later. Of
    /// any number of instances that ask at once, one gets it.
    pub async fn claim_pruning(&self, every: Duration) -> Result<bool, AppError> {
        let intent = ClaimTask {
            task: TASK,
            now: self.now(),
            every,
        };
        Ok(self.ports.store.claim_task(intent).await?)
    }

    /// Clears away one batch, and tells how much went; call again until nothing does.
    pub async fn prune(&self) -> Result<u64, AppError> {
        let now = self.now();
        let event = self.event(
            &Origin::default(),
            Actor::System,
            Action::Pruned,
            None,
            None,
        );
        let intent = Prune {
            before: now.minus(GRACE),
            audit_before: self.settings.audit_retention.map(|kept| now.minus(kept)),
            limit: BATCH,
            event,
        };
        let Pruned {
            sessions,
            personal_tokens,
            idempotency_keys,
            audit_events,
        } = self.ports.store.prune(intent).await?;
        let count = sessions + personal_tokens + idempotency_keys + audit_events;
        if count > 0 {
            tracing::info!(
                sessions,
                personal_tokens,
                idempotency_keys,
                audit_events,
                "cleared away what is over"
            );
        }
        Ok(count)
    }
}
