//! The body of a request: one JSON object of the right type and size.

use axum::body::Bytes;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{Method, StatusCode};

use super::fields::{Fields, Place};
use super::strict;
use crate::problem::{Code, Problem};

/// The media type of bodies.
pub(crate) const JSON: &str = "application/json";
/// What a patch may be sent as, too (RFC 7396 §4).
const MERGE_PATCH: &str = "application/merge-patch+json";

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.method(), request.headers());
        let bytes = bytes(request, state).await?;
        if is_json {
            parse(&bytes)
        } else {
            Err(Problem::new(Code::UnsupportedMediaType))
        }
    }
}

impl<S: Send + Sync> OptionalFromRequest<S> for Fields {
    type Rejection = Problem;

    /// `None` for an empty body, whatever its type.
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let is_json = is_json(request.method(), request.headers());
        let bytes = bytes(request, state).await?;
        match (bytes.is_empty(), is_json) {
            (true, _) => Ok(None),
            (false, true) => parse(&bytes).map(Some),
            (false, false) => Err(Problem::new(Code::UnsupportedMediaType)),
        }
    }
}

async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::new(Code::TooLarge)
            } else {
                Problem::new(Code::InvalidJson).detail("the body did not arrive whole")
            }
        })
}

fn parse(bytes: &[u8]) -> Result<Fields, Problem> {
    let members = strict::object(bytes)
        .map_err(|fault| Problem::new(Code::InvalidJson).detail(fault.to_string()))?;
    Ok(Fields::new(Place::Body, members, Vec::new()))
}

/// JSON is UTF-8 (RFC 8259 §8.1); a parameter that says otherwise is refused. A body without a type,
/// as a form or as text could come from any page without asking, so it is refused as well.
fn is_json(method: &Method, headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(Ok(value)), None) = (types.next().map(|value| value.to_str()), types.next()) else {
        return false;
    };
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    let essence = essence.trim();
    let is_known = essence.eq_ignore_ascii_case(JSON)
        || (method == Method::PATCH && essence.eq_ignore_ascii_case(MERGE_PATCH));
    let charset = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    is_known
        && charset
            .is_none_or(|(_, value)| value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_is_json() {
        for (method, value, answer) in [
            (Method::POST, "application/json", true),
            (Method::POST, "Application/JSON; charset=UTF-8", true),
            (Method::POST, "application/json;charset=\"utf-8\"", true),
            (Method::POST, "application/json; charset=latin1", false),
            (Method::POST, "application/merge-patch+json", false),
            (Method::PATCH, "application/merge-patch+json", true),
            (Method::POST, "text/plain", false),
            (Method::POST, "application/x-www-form-urlencoded", false),
            (Method::POST, "application/jsonp", false),
            (Method::POST, "text/plain; application/json", false),
        ] {
            let headers = [(CONTENT_TYPE, value.parse().unwrap())]
                .into_iter()
                .collect();
            assert_eq!(is_json(&method, &headers), answer, "{value}");
        }
        assert!(!is_json(&Method::POST, &HeaderMap::new()));
    }
}
