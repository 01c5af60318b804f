//! What is done beside requests: keeping the keys, clearing away what is over, and the upkeep of the
//! metrics. Failures are logged and tried again; none ends the server.

use std::sync::Arc;
use std::time::Duration;

use countersign_app::App;
use countersign_app::ports::store::Pruned;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::jitter::about;

/// How often keys are looked after; also after how long a change by another process is seen.
const KEYS_EVERY: Duration = Duration::from_secs(20);
const PRUNE_EVERY: Duration = Duration::from_hours(1);
/// After a start there is better to do.
const FIRST_PRUNE: Duration = Duration::from_mins(2);
/// Between two batches, for others to write.
const PRUNE_PAUSE: Duration = Duration::from_millis(100);
const METRICS_EVERY: Duration = Duration::from_secs(5);

/// Starts all of it. Dropping the set ends it.
pub(super) fn start(app: &Arc<App>, metrics: &PrometheusHandle) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(keep_keys(Arc::clone(app)));
    tasks.spawn(prune(Arc::clone(app)));
    tasks.spawn(keep_metrics(metrics.clone()));
    tasks
}

async fn keep_keys(app: Arc<App>) {
    loop {
        sleep(about(KEYS_EVERY)).await;
        match app.keep_keys().await {
            Ok(steps) if steps.is_empty() => {}
            Ok(steps) => tracing::info!(steps = steps.len(), "the keys were changed on schedule"),
            Err(error) => tracing::error!(%error, "the keys could not be looked after"),
        }
    }
}

async fn prune(app: Arc<App>) {
    sleep(about(FIRST_PRUNE)).await;
    loop {
        match app.prune().await {
            Ok(pruned) if pruned == Pruned::default() => sleep(about(PRUNE_EVERY)).await,
            Ok(Pruned {
                sessions,
                personal_tokens,
                idempotency_keys,
                audit_events,
            }) => {
                tracing::info!(
                    sessions,
                    personal_tokens,
                    idempotency_keys,
                    audit_events,
                    "cleared away what is over"
                );
                sleep(PRUNE_PAUSE).await;
            }
            Err(error) => {
                tracing::error!(%error, "what is over could not be cleared away");
                sleep(about(PRUNE_EVERY)).await;
            }
        }
    }
}

async fn keep_metrics(metrics: PrometheusHandle) {
    loop {
        sleep(METRICS_EVERY).await;
        metrics.run_upkeep();
    }
}
