//! The address for those who run the server: `/metrics`, `/healthz` (the process answers) and
//! `/readyz` (requests should be sent here).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use countersign_app::App;
use metrics_exporter_prometheus::PrometheusHandle;

use super::drain::Drain;
use super::gate::Gate;
use super::metrics::Gauges;

/// A store that does not answer within this is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

const TEXT: (HeaderName, &str) = (CONTENT_TYPE, "text/plain; charset=utf-8");
const PROMETHEUS: (HeaderName, &str) = (CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
const FRESH: (HeaderName, &str) = (CACHE_CONTROL, "no-store");

/// What the routes have at hand.
#[derive(Clone)]
pub(super) struct Ops {
    pub(super) app: Arc<App>,
    pub(super) metrics: PrometheusHandle,
    pub(super) gauges: Gauges,
    pub(super) gate: Gate,
    /// The API's.
    pub(super) drain: Drain,
}

pub(super) fn router(ops: Ops) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(async || ([TEXT, FRESH], "alive\n")))
        .route("/readyz", get(readiness))
        .with_state(ops)
}

async fn metrics(State(ops): State<Ops>) -> impl IntoResponse {
    ops.gauges.read();
    ([PROMETHEUS, FRESH], ops.metrics.render())
}

async fn readiness(State(ops): State<Ops>) -> impl IntoResponse {
    let (status, word) = match unready(&ops).await {
        None => (StatusCode::OK, "ready\n"),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, why),
    };
    (status, [TEXT, FRESH], word)
}

/// Why no requests should be sent here.
async fn unready(ops: &Ops) -> Option<&'static str> {
    if ops.drain.is_draining() {
        return Some("draining\n");
    }
    if !ops.gate.is_open() {
        return Some("the store does not answer\n");
    }
    if ops.app.keys().records().is_empty() {
        return Some("no keys\n");
    }
    match tokio::time::timeout(PATIENCE, ops.app.ready()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            Some("the store does not answer\n")
        }
        Err(_) => Some("the store does not answer in time\n"),
    }
}
