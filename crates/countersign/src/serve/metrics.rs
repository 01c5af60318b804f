//! Metrics in Prometheus' text format. Whoever counts uses the `metrics` facade; what has to be
//! asked for, such as the length of a queue, is asked when somebody looks.

use std::sync::Arc;

use countersign_app::ports::Store;
use countersign_app::ports::store::Activity;
use countersign_methods::password::PasswordMethod;
use countersign_store_sqlite::SqliteStore;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use super::ServeError;
use super::memory::resident_bytes;
use crate::compose::{LOGINS, REFRESHES, SESSIONS_OPENED, SIGN_UPS, WRITE_SECONDS};

/// In seconds: from a read in memory to a request that is given up.
const BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

const ROUND_TRIPS: &str = "countersign_store_round_trips_total";
const CONNECTIONS: &str = "countersign_store_connections_total";
const TURNED_AWAY: &str = "countersign_store_turned_away_total";

/// Becomes the recorder of this process.
pub(super) fn install() -> Result<PrometheusHandle, ServeError> {
    let twice = |_: BuildError| ServeError::Twice("metrics");
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(twice)?;
    describe();
    Ok(handle)
}

fn describe() {
    describe_counter!(
        "http_requests_total",
        "Requests by method, route and status"
    );
    describe_histogram!(
        "http_request_duration_seconds",
        "Time from headers to answer"
    );
    describe_counter!(LOGINS, "Logins by outcome");
    describe_counter!(SIGN_UPS, "Sign-ups by outcome");
    describe_counter!(REFRESHES, "Refreshes by outcome");
    describe_counter!(SESSIONS_OPENED, "Sessions opened by login or sign-up");
    describe_histogram!(
        WRITE_SECONDS,
        "Time of a durable write, by intent, its wait included"
    );
    describe_gauge!(
        "countersign_hashing_queue_depth",
        "Password hashes that wait for a thread"
    );
    describe_gauge!(
        "countersign_hashing_mean_seconds",
        "Time of one hash, over the latest"
    );
    describe_gauge!(
        "countersign_store_queue_depth",
        "Writes that wait for the writer (SQLite)"
    );
    describe_gauge!(
        "countersign_store_last_batch",
        "Writes in the last commit (SQLite)"
    );
    describe_counter!("countersign_store_writes_total", "Writes done (SQLite)");
    describe_counter!("countersign_store_reads_total", "Reads done (SQLite)");
    describe_counter!(
        "countersign_store_commits_total",
        "Commits, each for a batch of writes (SQLite)"
    );
    describe_counter!(
        "countersign_store_failed_commits_total",
        "Commits that failed (SQLite)"
    );
    describe_counter!(
        "countersign_store_refused_total",
        "Writes refused: too many waited (SQLite)"
    );
    describe_counter!(
        ROUND_TRIPS,
        "How often a call waited for the database to answer"
    );
    describe_counter!(
        CONNECTIONS,
        "Connections that calls got: made anew, or used before"
    );
    describe_counter!(
        TURNED_AWAY,
        "Calls turned away because no connection became free in time"
    );
    describe_gauge!("countersign_keys", "Keys by stage");
    describe_gauge!("process_resident_memory_bytes", "Memory of the process");
    describe_gauge!(
        "countersign_build_info",
        "Always 1; the label says which version runs"
    );
}

/// What has to be asked for.
#[derive(Clone)]
pub(super) struct Gauges {
    pub(super) store: Arc<dyn Store>,
    pub(super) sqlite: Option<Arc<SqliteStore>>,
    pub(super) passwords: Arc<PasswordMethod>,
}

impl Gauges {
    /// Asks for it.
    pub(super) fn read(&self) {
        let activity = self.store.activity();
        counter!(ROUND_TRIPS).absolute(activity.round_trips);
        match &self.sqlite {
            Some(file) => read_sqlite(file),
            None => read_connections(&activity),
        }
        let depth = u64::try_from(self.passwords.queue_depth()).unwrap_or(u64::MAX);
        gauge!("countersign_hashing_queue_depth").set(number(depth));
        gauge!("countersign_hashing_mean_seconds")
            .set(self.passwords.mean_hash_time().as_secs_f64());
        gauge!("countersign_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        if let Some(bytes) = resident_bytes() {
            gauge!("process_resident_memory_bytes").set(number(bytes));
        }
    }
}

/// What only a store on a network has.
fn read_connections(activity: &Activity) {
    counter!(CONNECTIONS, "state" => "new").absolute(activity.connections_opened);
    counter!(CONNECTIONS, "state" => "existing").absolute(activity.connections_reused);
    counter!(TURNED_AWAY).absolute(activity.turned_away);
}

/// What only an `SQLite` file has.
fn read_sqlite(store: &SqliteStore) {
    let store = store.metrics();
    gauge!("countersign_store_queue_depth").set(number(store.queue_depth));
    gauge!("countersign_store_last_batch").set(number(store.last_batch));
    counter!("countersign_store_writes_total").absolute(store.writes);
    counter!("countersign_store_reads_total").absolute(store.reads);
    counter!("countersign_store_commits_total").absolute(store.commits);
    counter!("countersign_store_failed_commits_total").absolute(store.failed_commits);
    counter!("countersign_store_refused_total").absolute(store.refused);
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is for the eye; 2^53 is enough of it"
)]
fn number(value: u64) -> f64 {
    value as f64
}
