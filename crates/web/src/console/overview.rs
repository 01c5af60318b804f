//! `GET /v1/admin/monitor`: the numbers of every function and endpoint, and over time.

use axum::Json;
use axum::extract::State;
use countersign_monitor::{Overview, overview};
use http::StatusCode;

use super::asked::{asked, moment, stock};
use crate::WebState;
use crate::input::Query;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

pub(crate) async fn read(
    State(web): State<WebState>,
    query: Query,
) -> Result<Json<Overview>, Problem> {
    let now = web.app.now();
    let filter = query.read(asked)?.filter(now);
    Ok(Json(overview(stock(&web)?, &filter, moment(now))))
}

pub(crate) fn doc() -> Doc {
    Doc::new(
        "monitor",
        Tag::Monitor,
        "What each function and endpoint did",
    )
    .about(
        "From the latest invocations, which this process keeps in memory: as many as \
             `monitor.entries` says, without users, addresses, queries, bodies and credentials. \
             Reading this is not among them.",
    )
    .query(asked)
    .gives::<Overview>(StatusCode::OK, "The numbers, by function and by endpoint.")
    .problems(&[Code::NotFound])
}
