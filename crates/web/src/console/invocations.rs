//! `/v1/admin/monitor/invocations`: the latest one by one, and one with its log lines.

use axum::Json;
use axum::extract::State;
use countersign_monitor::{Invocation, Listing, find, listing};
use http::StatusCode;

use super::asked::{Asked, asked, stock};
use crate::WebState;
use crate::input::{Fields, Limit, Query};
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};
use crate::rest::Named;

const DEFAULT_LIMIT: u16 = 50;

/// `GET /v1/admin/monitor/invocations`.
pub(crate) async fn list(
    State(web): State<WebState>,
    query: Query,
) -> Result<Json<Listing>, Problem> {
    let (asked, limit) = query.read(asked_in_a_list)?;
    let filter = asked.filter(web.app.now());
    Ok(Json(listing(stock(&web)?, &filter, usize::from(limit))))
}

/// `GET /v1/admin/monitor/invocations/{id}`.
pub(crate) async fn one(
    State(web): State<WebState>,
    Named(id): Named<String>,
) -> Result<Json<Invocation>, Problem> {
    let found = find(&stock(&web)?, &id);
    let found = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Json(found.as_ref().clone()))
}

fn asked_in_a_list(query: &mut Fields) -> Option<(Asked, u16)> {
    let asked = asked(query)?;
    let limit = query.optional::<Limit>("limit", "How many at most.");
    Some((asked, limit.map_or(DEFAULT_LIMIT, |limit| limit.0)))
}

pub(crate) fn list_doc() -> Doc {
    Doc::new(
        "invocations",
        Tag::Monitor,
        "The latest invocations, one by one",
    )
    .query(asked_in_a_list)
    .gives::<Listing>(StatusCode::OK, "The newest first.")
    .problems(&[Code::NotFound])
}

pub(crate) fn one_doc() -> Doc {
    Doc::new(
        "invocation",
        Tag::Monitor,
        "One invocation with its log lines",
    )
    .about("By the request's id (`x-request-id`), or by that of AWS Lambda.")
    .gives::<Invocation>(StatusCode::OK, "The invocation.")
    .problems(&[Code::NotFound])
}
