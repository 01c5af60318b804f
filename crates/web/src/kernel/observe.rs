//! The outermost layer: finds out where a request comes from, gives it its id, and writes down what
//! became of it. Queries, bodies and credentials are never written down.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use countersign_app::Origin;
use countersign_app::ports::store::{ActivityCounter, Connection, noting_connections};
use http::Method;
use http::header::USER_AGENT;
use tracing::Instrument;

use super::{Invocation, Observed, Start, address, request_id, trace};
use crate::{Call, WebState};

/// The longest `User-Agent` that is kept, in characters.
const MAX_USER_AGENT: usize = 300;

/// Puts a [`Call`] without a caller into the request, and `x-request-id` and an [`Observed`] into the
/// answer.
pub(super) async fn observe(
    State(web): State<WebState>,
    mut request: Request,
    next: Next,
) -> Response {
    let (origin, is_from_proxy) = origin(&web, &request);
    let id = origin.request_id.clone().unwrap_or_default();
    let invocation = request.extensions().get::<Invocation>().cloned();
    let invocation = invocation.unwrap_or_default();
    let method = method_label(request.method());
    let route = match request.extensions().get::<MatchedPath>() {
        Some(path) => path.as_str().to_owned(),
        None => "unmatched".to_owned(),
    };
    let address = origin.address.map(tracing::field::display);
    let span = tracing::info_span!(
        "request",
        function = &*invocation.function,
        id,
        aws_request_id = invocation.aws_request_id.as_deref(),
        method,
        route,
        address,
        { trace::SPAN_FIELD } = tracing::field::Empty,
        // Filled in by the store: whether it used a `new` or an `existing` connection.
        { ActivityCounter::SPAN_FIELD } = tracing::field::Empty,
    );
    let named = is_from_proxy
        .then(|| trace::named(request.headers()))
        .flatten();
    trace::join(&span, named.or_else(|| invocation.trace.clone()));
    request.extensions_mut().insert(Call {
        origin,
        caller: None,
    });

    let begun = Instant::now();
    let answering = noting_connections(next.run(request)).instrument(span.clone());
    let (mut response, connection) = answering.await;
    let observed = Observed {
        method,
        route,
        status: response.status().as_u16(),
        took: begun.elapsed(),
    };

    request_id::write(&id, response.headers_mut());
    count(&observed);
    span.in_scope(|| write_down(&observed, &invocation, connection));
    response.extensions_mut().insert(observed);
    response
}

fn count(observed: &Observed) {
    let labels = [
        ("method", observed.method.to_owned()),
        ("route", observed.route.clone()),
        ("status", observed.status.to_string()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels)
        .record(observed.took.as_secs_f64());
}

/// The one line of a request.
fn write_down(observed: &Observed, invocation: &Invocation, connection: Option<Connection>) {
    let outcome = match observed.status {
        ..400 => "ok",
        400..500 => "refused",
        500.. => "failed",
    };
    let used = match connection {
        Some(Connection::New) => " => using new database connection",
        Some(Connection::Existing) => " => using existing database connection",
        None => "",
    };
    tracing::info!(
        status = observed.status,
        took_ms = millis(observed.took),
        outcome,
        cold = invocation.start.map(Start::is_cold),
        init_ms = invocation.start.and_then(Start::init).map(millis),
        memory_mb = (invocation.peak_memory)().map(|bytes| bytes.div_ceil(1024 * 1024)),
        "answered{used}"
    );
}

/// In milliseconds, to the hundredth.
fn millis(span: Duration) -> f64 {
    (span.as_secs_f64() * 100_000.0).round() / 100.0
}

/// Where a request comes from, and whether a trusted proxy passed it on.
fn origin(web: &WebState, request: &Request) -> (Origin, bool) {
    let trusted = &web.settings.trusted_proxies;
    let headers = request.headers();
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let is_from_proxy = peer.is_some_and(|peer| address::is_trusted(peer, trusted));
    let user_agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let origin = Origin {
        address: peer.map(|peer| address::client(peer, headers, trusted)),
        request_id: Some(request_id::of(headers, is_from_proxy, web.app.now())),
        user_agent: user_agent.map(|agent| agent.chars().take(MAX_USER_AGENT).collect()),
    };
    (origin, is_from_proxy)
}

/// Clients may make up methods; the metrics must not grow with them.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
