//! Logs on the standard error: text for people, or a JSON object a line.
//!
//! What libraries say below `info` can hold what requests carry: a connection shows headers, a
//! database's client whole statements with what they store, credentials included. Of that nothing is
//! ever written, whatever `log.level` says; only our own parts say more.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use countersign_monitor::Kept;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::{Level, Metadata};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::format::{DefaultFields, JsonFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::fields::OnceFields;
use super::monitor::{MonitorLayer, is_wanted};
use super::{ServeError, traces};
use crate::config::{Log, LogFormat, Telemetry};

/// The logs and traces of this process. To be kept until its end: what waits is sent when this is
/// dropped.
#[must_use]
pub struct Logs {
    traces: Option<SdkTracerProvider>,
}

impl Logs {
    /// Sends the traces that wait, for at most so long: for a process that may be frozen next.
    pub async fn flush(&self, time: Duration) {
        let Some(traces) = self.traces.clone() else {
            return;
        };
        let sending = spawn_blocking(move || traces.force_flush());
        match timeout(time, sending).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "traces could not be sent"),
            Ok(Err(_)) | Err(_) => tracing::warn!("traces could not be sent in time"),
        }
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.traces.as_ref().map(SdkTracerProvider::shutdown) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Begins to log, and to send traces if a collector is named. To be called once in a process,
/// before anything is worth logging.
pub fn start_logs(
    log: &Log,
    telemetry: &Telemetry,
    monitor: Option<Arc<Kept>>,
) -> Result<Logs, ServeError> {
    let filter = log.level.0.clone().and(filter_fn(is_discreet));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Text => lines
            .with_ansi(std::io::stderr().is_terminal())
            .fmt_fields(OnceFields(DefaultFields::new()))
            .with_filter(filter)
            .boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .fmt_fields(OnceFields(JsonFields::new()))
            .with_filter(filter)
            .boxed(),
    };
    traces::read_headers();
    let traces = telemetry
        .otlp_endpoint
        .as_ref()
        .map(traces::start)
        .transpose()?;
    let spans = traces
        .as_ref()
        .map(|provider| traces::layer(provider).with_filter(filter_fn(traces::is_ours)));
    let monitor = monitor.map(|kept| MonitorLayer::new(kept).with_filter(filter_fn(is_wanted)));
    let started = tracing_subscriber::registry()
        .with(lines)
        .with(spans)
        .with(monitor)
        .try_init();
    started.map_err(|_| ServeError::Twice("logs"))?;
    Ok(Logs { traces })
}

fn is_discreet(event: &Metadata<'_>) -> bool {
    *event.level() <= Level::INFO || event.target().starts_with("countersign")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing_subscriber::layer::{Context, Layer};

    use super::*;

    struct Count(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> Layer<S> for Count {
        fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn written(act: impl FnOnce()) -> usize {
        let count = Arc::new(AtomicUsize::new(0));
        let layer = Count(Arc::clone(&count)).with_filter(filter_fn(is_discreet));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), act);
        count.load(Ordering::Relaxed)
    }

    /// The client of AWS writes each request to the database with its body and its session token, and the
    /// runtime of Lambda each event.
    #[test]
    fn what_a_library_says_of_its_steps_is_not_written() {
        let steps = || {
            tracing::trace!(target: "aws_smithy_runtime::client::orchestrator", "transmitting request");
            tracing::debug!(target: "aws_smithy_runtime::client::orchestrator", "request");
            tracing::trace!(target: "lambda_runtime::layers::trace", "new event");
            tracing::debug!(target: "hyper::proto", "parsed headers");
            tracing::debug!(target: "a_library_of_tomorrow", "statement");
        };
        assert_eq!(written(steps), 0);
        let warning = || tracing::warn!(target: "aws_smithy_runtime", "slow");
        assert_eq!(written(warning), 1);
        let own = || tracing::trace!(target: "countersign_store_dynamodb::sessions", "later");
        assert_eq!(written(own), 1);
    }
}
