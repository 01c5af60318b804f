//! The outermost layer: finds out where a request comes from, gives it its id, and writes down what
//! became of it. Queries, bodies and credentials are never written down.

use std::net::SocketAddr;
use std::time::Instant;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use countersign_app::Origin;
use countersign_app::ports::store::ActivityCounter;
use http::Method;
use http::header::USER_AGENT;
use tracing::Instrument;

use super::{address, request_id};
use crate::{Call, WebState};

/// The longest `User-Agent` that is kept, in characters.
const MAX_USER_AGENT: usize = 300;

/// Puts a [`Call`] without a caller into the request, and `x-request-id` into the answer.
pub(super) async fn observe(
    State(web): State<WebState>,
    mut request: Request,
    next: Next,
) -> Response {
    let origin = origin(&web, &request);
    let id = origin.request_id.clone().unwrap_or_default();
    let method = method_label(request.method());
    let route = match request.extensions().get::<MatchedPath>() {
        Some(path) => path.as_str().to_owned(),
        None => "unmatched".to_owned(),
    };
    let address = origin.address.map(tracing::field::display);
    let span = tracing::info_span!(
        "request",
        id,
        method,
        route,
        address,
        // Filled in by a store on a network: whether it used a `new` or an `existing` connection.
        { ActivityCounter::SPAN_FIELD } = tracing::field::Empty,
    );
    request.extensions_mut().insert(Call {
        origin,
        caller: None,
    });

    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = begun.elapsed();

    request_id::write(&id, response.headers_mut());
    let status = response.status().as_u16();
    let labels = [
        ("method", method.to_owned()),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", &labels).record(took.as_secs_f64());
    let took_ms = (took.as_secs_f64() * 100_000.0).round() / 100.0;
    span.in_scope(|| tracing::info!(status, took_ms, "answered"));
    response
}

fn origin(web: &WebState, request: &Request) -> Origin {
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
    Origin {
        address: peer.map(|peer| address::client(peer, headers, trusted)),
        request_id: Some(request_id::of(headers, is_from_proxy, web.app.now())),
        user_agent: user_agent.map(|agent| agent.chars().take(MAX_USER_AGENT).collect()),
    }
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
