//! `GET /`: where everything is.

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::cached;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// Where everything is, relative to the instance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Addresses {
    /// What answers here.
    #[schema(example = "countersign")]
    name: &'static str,
    /// GraphQL.
    graphql: &'static str,
    /// REST.
    rest: &'static str,
    /// The description of REST.
    openapi: &'static str,
    /// The public keys.
    jwks: &'static str,
    /// Metadata (RFC 8414).
    metadata: &'static str,
}

const ADDRESSES: Addresses = Addresses {
    name: "countersign",
    graphql: "/graphql",
    rest: "/v1",
    openapi: "/openapi.json",
    jwks: "/.well-known/jwks.json",
    metadata: "/.well-known/oauth-authorization-server",
};

pub(crate) async fn handle(headers: HeaderMap) -> Result<Response, Problem> {
    let body = serde_json::to_vec(&ADDRESSES).map_err(|_| Problem::new(Code::Internal))?;
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
