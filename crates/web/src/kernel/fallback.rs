//! Addresses that are not there, and methods that an address does not take. axum adds `Allow`.

use axum::response::{IntoResponse, Response};
use http::Method;
use http::StatusCode;

use crate::problem::{Code, Problem};

/// 404 as a problem.
pub(super) async fn not_found() -> Problem {
    Problem::new(Code::NotFound).detail("there is nothing at this address")
}

/// 405 as a problem; `OPTIONS` is answered with `Allow` alone (RFC 9110 §9.3.7).
pub(super) async fn method_not_allowed(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Problem::new(Code::MethodNotAllowed).into_response()
}
