//! Logs on the standard error: text for people, or a JSON object a line.
//!
//! What libraries say below `info` about connections can hold what requests carry, credentials
//! included; it is never written, whatever `log.level` says.

use std::io::IsTerminal as _;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Metadata};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::fmt::format::{DefaultFields, JsonFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::fields::OnceFields;
use super::{ServeError, traces};
use crate::config::{Log, LogFormat, Telemetry};

/// Libraries that see requests in the raw.
const TALKATIVE: &[&str] = &[
    "h2",
    "hyper",
    "hyper_util",
    "rustls",
    "tokio_rustls",
    "reqwest",
    "tower",
];

/// The logs and traces of this process. To be kept until its end: what waits is sent when this is
/// dropped.
#[must_use]
pub struct Logs {
    traces: Option<SdkTracerProvider>,
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
pub fn start_logs(log: &Log, telemetry: &Telemetry) -> Result<Logs, ServeError> {
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
    let traces = telemetry
        .otlp_endpoint
        .as_ref()
        .map(traces::start)
        .transpose()?;
    let spans = traces
        .as_ref()
        .map(|provider| traces::layer(provider).with_filter(filter_fn(traces::is_ours)));
    let started = tracing_subscriber::registry()
        .with(lines)
        .with(spans)
        .try_init();
    started.map_err(|_| ServeError::Twice("logs"))?;
    Ok(Logs { traces })
}

fn is_discreet(event: &Metadata<'_>) -> bool {
    let root = event.target().split("::").next().unwrap_or_default();
    *event.level() <= Level::INFO || !TALKATIVE.contains(&root)
}
