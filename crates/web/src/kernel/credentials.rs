//! One access token at most, in the `Authorization` header and nowhere else (RFC 6750 §2), on every
//! route, also on those that do not look at it: a request with two is a confusion that somebody may
//! have made on purpose, and one in the address is in every log on its way.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use countersign_verify::{Bearer, BearerError};

use crate::problem::Problem;

/// Refuses a request with two tokens, or one in the query.
pub(super) async fn refuse_strays(request: Request, next: Next) -> Response {
    match Bearer::from_request(request.headers(), request.uri().query()) {
        Bearer::Malformed(error @ (BearerError::TwoTokens | BearerError::InParameter)) => {
            Problem::from(error).into_response()
        }
        Bearer::Absent | Bearer::Token(_) | Bearer::Malformed(_) => next.run(request).await,
    }
}
