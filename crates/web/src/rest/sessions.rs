//! `/v1/sessions`: one's own sessions.

use axum::Json;
use axum::extract::State;
use countersign_app::ports::store::SessionEnded;
use countersign_domain::id::SessionId;
use http::StatusCode;

use super::path::Named;
use super::shapes::{Ended, Sessions};
use crate::WebState;
use crate::input::{Fields, Flag, Query};
use crate::kernel::Known;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// `GET /v1/sessions`.
pub(super) async fn list(
    State(web): State<WebState>,
    known: Known,
) -> Result<Json<Sessions>, Problem> {
    let principal = &known.caller.principal;
    let sessions = web.app.sessions(principal).await?;
    Ok(Json(Sessions::new(&sessions, principal.session_id())))
}

/// `DELETE /v1/sessions`.
pub(super) async fn end_all(
    State(web): State<WebState>,
    known: Known,
    query: Query,
) -> Result<Json<Ended>, Problem> {
    let Flag(others) = query.read(others)?;
    let principal = &known.caller.principal;
    let ended_sessions = web
        .app
        .end_sessions(principal, others, &known.call.origin)
        .await?;
    Ok(Json(Ended { ended_sessions }))
}

/// `DELETE /v1/sessions/{id}`.
pub(super) async fn end_one(
    State(web): State<WebState>,
    known: Known,
    Named(id): Named<SessionId>,
) -> Result<StatusCode, Problem> {
    let principal = &known.caller.principal;
    match web
        .app
        .end_session(principal, id, &known.call.origin)
        .await?
    {
        SessionEnded::Ended => Ok(StatusCode::NO_CONTENT),
        SessionEnded::NotFound => Err(Problem::new(Code::NotFound)),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the form of all readers")]
fn others(query: &mut Fields) -> Option<Flag> {
    let others = query.optional("others", "Whether the session of the call stays.");
    Some(others.unwrap_or(Flag(false)))
}

pub(super) fn list_doc() -> Doc {
    Doc::new("sessions", Tag::Sessions, "List one's own sessions")
        .gives::<Sessions>(StatusCode::OK, "The live ones, the newest first.")
}

pub(super) fn end_all_doc() -> Doc {
    Doc::new(
        "end_sessions",
        Tag::Sessions,
        "End all of one's own sessions, or all others",
    )
    .query(others)
    .gives::<Ended>(StatusCode::OK, "They are ended.")
}

pub(super) fn end_one_doc() -> Doc {
    Doc::new(
        "end_session",
        Tag::Sessions,
        "End one of one's own sessions",
    )
    .gives_nothing(StatusCode::NO_CONTENT, "It is ended.")
    .problems(&[Code::NotFound])
}
