//! A request that takes too long is given up with 503: the client learns that it may try again, and
//! that a change may have been made. (504 is for a gateway whose server behind it does not answer.)

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Invocation;
use crate::WebState;
use crate::problem::{Code, Problem};

/// Gives a request up after the configured time, its body's arrival included, or earlier if its host
/// would end it by then.
pub(super) async fn deadline(
    State(web): State<WebState>,
    request: Request,
    next: Next,
) -> Response {
    let configured = web.settings.request_timeout;
    let left = request.extensions().get::<Invocation>();
    let left = left.and_then(|invocation| invocation.time_left);
    let limit = left.map_or(configured, |left| left.min(configured));
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::Timeout)
            .retry_after(Some(Duration::from_secs(1)))
            .into_response(),
    }
}
