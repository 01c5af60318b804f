//! `GET /.well-known/oauth-authorization-server`: metadata (RFC 8414 §2), for what exists. There is no
//! OAuth endpoint yet, so none is claimed.

use axum::extract::State;
use axum::response::Response;
use countersign_domain::role::scope;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::cached;
use crate::WebState;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// What clients and APIs need to know of this instance (RFC 8414 §2).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServerMetadata {
    /// The `iss` of every token.
    #[schema(example = "https://id.example.com")]
    issuer: String,
    /// Where the public keys are.
    #[schema(example = "https://id.example.com/.well-known/jwks.json")]
    jwks_uri: String,
    /// The scopes of the instance's own interfaces.
    scopes_supported: Vec<&'static str>,
    /// The `response_type`s of its authorization endpoint: there is none.
    response_types_supported: Vec<&'static str>,
    /// The `grant_type`s of its token endpoint: there is none.
    grant_types_supported: Vec<&'static str>,
}

pub(crate) async fn handle(
    State(web): State<WebState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let metadata = ServerMetadata {
        issuer: web.app.settings().issuer.to_string(),
        jwks_uri: format!("{}/.well-known/jwks.json", web.settings.public_url),
        scopes_supported: scope::ALL.to_vec(),
        response_types_supported: Vec::new(),
        grant_types_supported: Vec::new(),
    };
    let body = serde_json::to_vec(&metadata).map_err(|_| Problem::new(Code::Internal))?;
    Ok(cached::document(
        &headers,
        body.into(),
        cached::FIVE_MINUTES,
    ))
}

pub(crate) fn doc() -> Doc {
    Doc::new(
        "authorization_server",
        Tag::Discovery,
        "Metadata (RFC 8414)",
    )
    .gives::<ServerMetadata>(StatusCode::OK, "What clients and APIs need to know.")
}
