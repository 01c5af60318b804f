//! `GET /openapi.json`: this interface, described.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::cached;
use crate::kernel::base_path;
use crate::openapi::{self, Doc, Tag};

/// An `OpenAPI` 3.1 document.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenApiDocument {
    /// The version of the format.
    #[schema(example = "3.1.0")]
    openapi: String,
}

static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| Bytes::from(openapi::document()));

pub(crate) async fn handle(headers: HeaderMap) -> Response {
    let body = match base_path::current() {
        None => DOCUMENT.clone(),
        Some(base) => Bytes::from(openapi::document_below(&base)),
    };
    cached::document(&headers, body, cached::FIVE_MINUTES)
}

pub(crate) fn doc() -> Doc {
    Doc::new("openapi", Tag::Discovery, "This document")
        .gives::<OpenApiDocument>(StatusCode::OK, "OpenAPI 3.1.")
}
