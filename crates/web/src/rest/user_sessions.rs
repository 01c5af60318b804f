//! `/v1/users/{id}/sessions`: somebody's sessions, as administrators see them.

use axum::Json;
use axum::extract::State;
use countersign_app::admin::{Admin, EndSessionsOutcome};
use countersign_domain::id::UserId;
use http::StatusCode;

use super::path::Named;
use super::shapes::{Ended, Sessions};
use crate::WebState;
use crate::kernel::Known;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// `GET /v1/users/{id}/sessions`.
pub(super) async fn list(
    State(web): State<WebState>,
    known: Known,
    Named(id): Named<UserId>,
) -> Result<Json<Sessions>, Problem> {
    web.app
        .user(id)
        .await?
        .ok_or(Problem::new(Code::NotFound))?;
    let sessions = web.app.sessions_of(id).await?;
    Ok(Json(Sessions::new(
        &sessions,
        known.caller.principal.session_id(),
    )))
}

/// `DELETE /v1/users/{id}/sessions`.
pub(super) async fn end(
    State(web): State<WebState>,
    known: Known,
    Named(id): Named<UserId>,
) -> Result<Json<Ended>, Problem> {
    let by = Admin::Caller(&known.caller.principal);
    match web.app.end_sessions_of(by, id, &known.call.origin).await? {
        EndSessionsOutcome::Ended(ended_sessions) => Ok(Json(Ended { ended_sessions })),
        EndSessionsOutcome::NotYours => Err(Problem::new(Code::NotYours)),
        EndSessionsOutcome::NotFound => Err(Problem::new(Code::NotFound)),
    }
}

pub(super) fn list_doc() -> Doc {
    Doc::new("user_sessions", Tag::Users, "List a user's sessions")
        .gives::<Sessions>(StatusCode::OK, "The live ones, the newest first.")
        .problems(&[Code::NotFound])
}

pub(super) fn end_doc() -> Doc {
    Doc::new("end_user_sessions", Tag::Users, "Log a user out everywhere")
        .gives::<Ended>(StatusCode::OK, "The sessions are ended.")
        .problems(&[Code::NotYours, Code::NotFound])
}
