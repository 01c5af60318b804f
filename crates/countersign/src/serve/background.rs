//! What is done beside requests: keeping the keys, clearing away what is over, and the upkeep of the
//! metrics. Failures are logged and tried again; none ends the server. Of several instances on one
//! database, one rotates the keys and one clears away.

use std::sync::Arc;
use std::time::Duration;

use countersign_app::ports::StoreError;
use countersign_app::{App, AppError, KeyRingError};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::gate::Gate;
use super::jitter::about;

/// How often keys are looked after; also after how long a change by another process is seen.
const KEYS_EVERY: Duration = Duration::from_secs(5);
const PRUNE_EVERY: Duration = Duration::from_hours(1);
/// How often it is asked whether that is due. The turns of all instances are counted together.
const ASK_TO_PRUNE_EVERY: Duration = Duration::from_mins(10);
/// After a start there is better to do.
const FIRST_PRUNE: Duration = Duration::from_mins(2);
/// Between two batches, for others to write.
const PRUNE_PAUSE: Duration = Duration::from_millis(100);
const METRICS_EVERY: Duration = Duration::from_secs(5);

/// Starts all of it, what needs the store once the gate is open. Dropping the set ends it.
pub(super) fn start(app: &Arc<App>, gate: &Gate, metrics: &PrometheusHandle) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(keep_keys(Arc::clone(app), gate.clone()));
    tasks.spawn(prune(Arc::clone(app), gate.clone()));
    tasks.spawn(keep_metrics(metrics.clone()));
    tasks
}

async fn keep_keys(app: Arc<App>, gate: Gate) {
    gate.opened().await;
    loop {
        sleep(about(KEYS_EVERY)).await;
        match app.keep_keys().await {
            Ok(steps) if steps.is_empty() => {}
            Ok(steps) => tracing::info!(steps = steps.len(), "the keys were changed on schedule"),
            Err(
                error @ (KeyRingError::Store(StoreError::Unavailable(_)) | KeyRingError::Contended),
            ) => tracing::warn!(%error, "the keys could not be looked after; trying again"),
            Err(error) => tracing::error!(%error, "the keys could not be looked after"),
        }
    }
}

async fn prune(app: Arc<App>, gate: Gate) {
    gate.opened().await;
    sleep(about(FIRST_PRUNE)).await;
    loop {
        match clear_away(&app).await {
            Ok(()) => {}
            Err(error @ AppError::Store(StoreError::Unavailable(_))) => {
                tracing::warn!(%error, "what is over could not be cleared away; trying again");
            }
            Err(error) => tracing::error!(%error, "what is over could not be cleared away"),
        }
        sleep(about(ASK_TO_PRUNE_EVERY)).await;
    }
}

/// Clears away batch after batch, if it is this instance's turn.
async fn clear_away(app: &App) -> Result<(), AppError> {
    if !app.claim_pruning(PRUNE_EVERY).await? {
        return Ok(());
    }
    while app.prune().await? > 0 {
        sleep(PRUNE_PAUSE).await;
    }
    Ok(())
}

async fn keep_metrics(metrics: PrometheusHandle) {
    loop {
        sleep(METRICS_EVERY).await;
        metrics.run_upkeep();
    }
}
