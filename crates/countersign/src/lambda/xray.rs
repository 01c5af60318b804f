//! The trace that an invocation belongs to.

use std::collections::HashMap;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_aws::trace::XrayPropagator;

/// The trace of an invocation, as Lambda gives it in the form of X-Ray's header. One that X-Ray does not
/// record is no parent: it would keep our spans out of every other trace, too.
pub(super) fn xray_trace(header: &str) -> Option<Context> {
    let headers = HashMap::from([("x-amzn-trace-id".to_owned(), header.to_owned())]);
    let named = XrayPropagator::new().extract_with_context(&Context::new(), &headers);
    let span = named.span().span_context().clone();
    (span.is_valid() && span.is_sampled()).then_some(named)
}
