//! An instance that is not ready says so in the way of every other answer: as a problem, with its log
//! line and its headers.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Invocation, Unready};
use crate::problem::{Code, Problem};

/// After how long to try again.
const AGAIN: Duration = Duration::from_secs(1);

/// Lets a request through if the host says that the instance is ready.
pub(super) async fn ready(request: Request, next: Next) -> Response {
    let invocation = request.extensions().get::<Invocation>();
    match invocation.and_then(|invocation| invocation.unready) {
        None => next.run(request).await,
        Some(Unready::Away) => Problem::new(Code::Unavailable)
            .retry_after(Some(AGAIN))
            .into_response(),
        Some(Unready::Broken) => Problem::new(Code::Internal).into_response(),
    }
}
