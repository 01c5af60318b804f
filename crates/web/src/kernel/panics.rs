//! A handler that panics answers 500 like any other internal error; what it said stays inside.

use std::any::Any;

use axum::response::{IntoResponse, Response};

use crate::problem::{Code, Problem};

/// The answer after a panic. Its message may hold anything, so it is not written down here either;
/// the process's panic hook says where it was.
pub(super) fn answer(_payload: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Problem::new(Code::Internal).into_response()
}
