//! `GET /`: where everything is.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::cached;
use crate::kernel::base_path::link;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// Where everything is, relative to the instance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Addresses {
    /// What answers here.
    #[schema(example = "countersign")]
    name: &'static str,
    /// GraphQL.
    graphql: String,
    /// REST.
    rest: String,
    /// The description of REST.
    openapi: String,
    /// The public keys.
    jwks: String,
    /// Metadata (RFC 8414).
    metadata: String,
}

pub(crate) async fn handle(headers: HeaderMap) -> Result<Response, Problem> {
    let addresses = Addresses {
        name: "countersign",
        graphql: link("/graphql"),
        rest: link("/v1"),
        openapi: link("/openapi.json"),
        jwks: link("/.well-known/jwks.json"),
        metadata: link("/.well-known/oauth-authorization-server"),
    };
    let body = serde_json::to_vec(&addresses).map_err(|_| Problem::new(Code::Internal))?;
    Ok(cached::document(
        &headers,
        body.into(),
        cached::FIVE_MINUTES,
    ))
}

pub(crate) fn doc() -> Doc {
    Doc::new("index", Tag::Discovery, "Where everything is")
        .gives::<Addresses>(StatusCode::OK, "The addresses.")
}
