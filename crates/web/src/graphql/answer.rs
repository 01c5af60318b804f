//! A response as an HTTP answer.

use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, PathSegment, Response as Executed, ServerError, Value};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use super::accept::Media;
use super::errors::{Code, Fault, coded};
use crate::problem::{self, Problem};

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'a [ServerError],
}

/// What came of running a request. Field errors answer 200: the request was good, and what went
/// wrong, a throttled login among others, stands in `errors` beside what went right.
pub(super) fn executed(response: Executed, media: Media) -> Response {
    let Executed {
        mut data, errors, ..
    } = response;
    let errors: Vec<ServerError> = errors.into_iter().map(coded).collect();
    if errors.iter().any(|error| error.path.is_empty()) {
        return written(None, &errors, request_error_status(media), media);
    }
    for error in &errors {
        put_null(&mut data, &error.path);
    }
    written(Some(&data), &errors, StatusCode::OK, media)
}

/// A well-formed request that can't be run: 400, or 200 for older clients.
pub(super) fn refused(fault: Fault, media: Media) -> Response {
    answer(fault, request_error_status(media), media)
}

/// An HTTP request that is refused whatever the client prefers.
pub(super) fn answer(fault: Fault, status: StatusCode, media: Media) -> Response {
    written(None, &[fault.into()], status, media)
}

/// A bearer token that is not good, or could not be looked at: the kernel's status and headers
/// around a GraphQL body.
pub(super) fn not_identified(problem: Problem, media: Media) -> Response {
    let code = match problem.code() {
        problem::Code::Unauthenticated | problem::Code::InvalidToken => Code::Unauthenticated,
        problem::Code::Unavailable => Code::Unavailable,
        problem::Code::Throttled => Code::Throttled,
        problem::Code::Busy => Code::Busy,
        problem::Code::InvalidRequest => Code::BadRequest,
        _ => Code::Internal,
    };
    let mut fault = Fault::new(code, problem.text().to_owned());
    if let Some(seconds) = problem.retry_after_seconds() {
        fault = fault.wait(seconds);
    }
    let (mut head, _) = problem.into_response().into_parts();
    let (written, body) = answer(fault, head.status, media).into_parts();
    head.headers.extend(written.headers);
    Response::from_parts(head, body)
}

const fn request_error_status(media: Media) -> StatusCode {
    match media {
        Media::Response => StatusCode::BAD_REQUEST,
        Media::Json => StatusCode::OK,
    }
}

fn written(
    data: Option<&Value>,
    errors: &[ServerError],
    status: StatusCode,
    media: Media,
) -> Response {
    let body = match serde_json::to_vec(&Body { data, errors }) {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a GraphQL answer could not be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let content_type = HeaderValue::from_static(media.content_type());
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}

/// The engine leaves a failed field out of its object, and an object without fields out of its
/// parent. A field that was asked for stands in the answer, null if it failed (§6.4.4 of the
/// specification). Every field that can fail is nullable: a test holds the schema to it.
fn put_null(data: &mut Value, path: &[PathSegment]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    match first {
        PathSegment::Field(name) => {
            if *data == Value::Null {
                *data = Value::Object(IndexMap::new());
            }
            if let Value::Object(fields) = data {
                let field = fields.entry(Name::new(name)).or_insert(Value::Null);
                put_null(field, rest);
            }
        }
        PathSegment::Index(index) => {
            if let Value::List(items) = data
                && let Some(item) = items.get_mut(*index)
            {
                put_null(item, rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_field_stands_in_the_answer_as_null() {
        let data: Value = serde_json::from_str(r#"{"a": [{"b": 1}, null]}"#).unwrap();
        let path = |parts: &[&str]| -> Vec<PathSegment> {
            parts
                .iter()
                .map(|part| match part.parse() {
                    Ok(index) => PathSegment::Index(index),
                    Err(_) => PathSegment::Field((*part).to_owned()),
                })
                .collect()
        };
        let mut filled = data;
        for parts in [
            vec!["c"],
            vec!["a", "0", "d"],
            vec!["a", "1", "e"],
            vec!["a", "9", "f"],
        ] {
            put_null(&mut filled, &path(&parts));
        }
        let expected = r#"{"a":[{"b":1,"d":null},{"e":null}],"c":null}"#;
        assert_eq!(serde_json::to_string(&filled).unwrap(), expected);
    }
}
