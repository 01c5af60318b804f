//! Traces for OpenTelemetry, sent over OTLP as protobuf in HTTP. They hold the spans of our own
//! parts, which name routes and never what was asked.

use opentelemetry::global::set_text_map_propagator;
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_aws::trace::{MissingSampledBehavior, XrayPropagator};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::{Level, Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use super::ServeError;
use crate::config::HttpUrl;

/// Begins to send traces to a collector. A collector that does not answer costs nothing but its
/// traces: they are sent by a thread of their own, and dropped when too many wait.
pub(super) fn start(endpoint: &HttpUrl) -> Result<SdkTracerProvider, ServeError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(signal_url(endpoint))
        .build()
        .map_err(|error| ServeError::Telemetry(error.to_string()))?;
    let resource = Resource::builder_empty()
        .with_service_name("countersign")
        .with_attribute(opentelemetry::KeyValue::new(
            "service.version",
            env!("CARGO_PKG_VERSION"),
        ))
        .build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}

/// Has the process read the headers that name a trace: W3C Trace Context, and where a request has none,
/// AWS X-Ray's.
pub(super) fn read_headers() {
    let xray = XrayPropagator::new().with_missing_sampled_behavior(MissingSampledBehavior::Sampled);
    // The last that finds something counts.
    set_text_map_propagator(TextMapCompositePropagator::new(vec![
        Box::new(xray),
        Box::new(TraceContextPropagator::new()),
    ]));
}

/// Turns our spans into traces.
pub(super) fn layer<S>(provider: &SdkTracerProvider) -> OpenTelemetryLayer<S, SdkTracer>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    tracing_opentelemetry::layer().with_tracer(provider.tracer("countersign"))
}

/// Whether something belongs into a trace.
pub(super) fn is_ours(event: &Metadata<'_>) -> bool {
    *event.level() <= Level::INFO && event.target().starts_with("countersign")
}

/// Where traces go below the collector's address, as the OTLP specification has it.
fn signal_url(endpoint: &HttpUrl) -> String {
    format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/'))
}
