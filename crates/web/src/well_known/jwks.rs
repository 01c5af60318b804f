//! `GET /.well-known/jwks.json`: the public keys (RFC 7517 §5).

use axum::extract::State;
use axum::response::Response;
use countersign_app::AppError;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::cached;
use crate::WebState;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// A set of public keys (RFC 7517 §5). Only describes what `JwkSet` writes.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeySet {
    /// The keys (RFC 7517 §4): those in use, those to come, and those whose tokens still live.
    keys: Vec<std::collections::BTreeMap<String, String>>,
}

/// A cache must have lost the set before a new key signs.
pub(crate) async fn handle(
    State(web): State<WebState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let keys = web.app.keys().published(web.app.now()).await;
    let keys = keys.map_err(AppError::from)?;
    let body = serde_json::to_vec(&keys).map_err(|_| Problem::new(Code::Internal))?;
    let max_age = cached::FIVE_MINUTES.min(web.app.settings().keys.publish_ahead);
    Ok(cached::document(&headers, body.into(), max_age))
}

pub(crate) fn doc() -> Doc {
    Doc::new("jwks", Tag::Discovery, "The public keys")
        .gives::<KeySet>(StatusCode::OK, "The keys that tokens are verified with.")
        .with_header("Cache-Control", "How long the keys may be kept.")
        .with_header("ETag", "Changes with the keys.")
        .gives_nothing(StatusCode::NOT_MODIFIED, "The keys have not changed.")
}
