//! Which trace a request belongs to (W3C Trace Context, and AWS X-Ray's header). A trace is continued
//! for a trusted proxy, or where the host says so; a stranger's header is not believed, because it
//! also says whether the request is to be seen in traces at all.

use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::global::get_text_map_propagator;
use opentelemetry::propagation::Extractor;
use opentelemetry::trace::TraceContextExt as _;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The field of the request's span that holds the trace's id, in hexadecimal digits.
pub(super) const SPAN_FIELD: &str = "trace_id";

/// The trace that a request's headers name, in whichever form the process reads.
pub(super) fn named(headers: &HeaderMap) -> Option<Context> {
    let found = get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &Headers(headers))
    });
    found.span().span_context().is_valid().then_some(found)
}

/// Makes the span a part of the trace, if there is one, and notes its id.
pub(super) fn join(span: &Span, parent: Option<Context>) {
    let named = parent
        .as_ref()
        .map(|parent| parent.span().span_context().trace_id());
    if let Some(parent) = parent {
        // Fails where no traces are sent, which loses nothing.
        let _ = span.set_parent(parent);
    }
    let own = span.context().span().span_context().clone();
    if own.is_valid() {
        span.record(SPAN_FIELD, tracing::field::display(own.trace_id()));
    } else if let Some(id) = named {
        span.record(SPAN_FIELD, tracing::field::display(id));
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
