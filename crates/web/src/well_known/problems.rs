//! `GET /problems/{code}`: what the `type` of a problem points to (RFC 9457 §3.1.1).

use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::cached;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};
use crate::rest::Named;

/// What a kind of problem means.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemKind {
    /// The code, as in `code`.
    #[schema(example = "throttled")]
    code: &'static str,
    /// The status of the answer.
    #[schema(example = 429)]
    status: u16,
    /// Its short name.
    #[schema(example = "Too many attempts")]
    title: &'static str,
    /// What it means and what to do.
    meaning: &'static str,
}

pub(crate) async fn handle(
    Named(code): Named<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let code = Code::from_name(&code).ok_or(Problem::new(Code::NotFound))?;
    let kind = ProblemKind {
        code: code.as_str(),
        status: code.status().as_u16(),
        title: code.title(),
        meaning: code.meaning(),
    };
    let body = serde_json::to_vec(&kind).map_err(|_| Problem::new(Code::Internal))?;
    Ok(cached::document(
        &headers,
        body.into(),
        cached::FIVE_MINUTES,
    ))
}

pub(crate) fn doc() -> Doc {
    Doc::new("problem", Tag::Discovery, "Explain a problem's code")
        .gives::<ProblemKind>(StatusCode::OK, "What it means and what to do.")
        .problems(&[Code::NotFound])
}
