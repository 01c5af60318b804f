//! A JSON document that caches may keep, with an entity tag of its content.

use std::time::Duration;

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::input::JSON;
use crate::input::tag::Tag;

/// How long caches keep what says nothing else.
pub(super) const FIVE_MINUTES: Duration = Duration::from_mins(5);

/// The document, or 304 if the client has it.
pub(super) fn document(request: &HeaderMap, body: Bytes, max_age: Duration) -> Response {
    let digest = Sha256::digest(&body);
    let tag = Tag::new(&URL_SAFE_NO_PAD.encode(digest));
    let cache = format!("public, max-age={}", max_age.as_secs());
    let mut headers = HeaderMap::new();
    headers.insert(ETAG, tag.header());
    if let Ok(cache) = HeaderValue::try_from(cache) {
        headers.insert(CACHE_CONTROL, cache);
    }
    if tag.is_known(request) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    (headers, body).into_response()
}
