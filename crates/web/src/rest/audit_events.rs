//! `GET /v1/audit-events`: the audit log.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_app::ports::store::AuditFilter;
use countersign_domain::page::{Cursor, PageRequest};
use http::header::LINK;
use http::{HeaderMap, StatusCode};

use super::page;
use super::shapes::{AuditEvent, AuditEvents};
use crate::WebState;
use crate::input::{Fields, Query};
use crate::openapi::{Doc, Tag};
use crate::problem::Problem;

pub(super) async fn list(State(web): State<WebState>, query: Query) -> Result<Response, Problem> {
    let (filter, request) = query.read(filter)?;
    let events = web.app.audit_events(&filter, &request).await?;
    let beside = page::beside(&events, &request, |event| Cursor::after(event.id.as_uuid()));
    let link = page::link("/v1/audit-events", &query, &beside);
    let headers: HeaderMap = link.into_iter().map(|link| (LINK, link)).collect();
    let events = events.items.iter().map(AuditEvent::from).collect();
    let body = AuditEvents {
        events,
        next_cursor: beside.next,
        prev_cursor: beside.prev,
    };
    Ok((headers, Json(body)).into_response())
}

fn filter(query: &mut Fields) -> Option<(AuditFilter, PageRequest)> {
    let user_id = query.optional("user_id", "Only what was done to this user.");
    let action = query.optional("action", "Only this action.");
    let since = query.optional("since", "Only from this moment on.");
    let until = query.optional("until", "Only before this moment.");
    Some((
        AuditFilter {
            user_id,
            action,
            since,
            until,
        },
        page::request(query)?,
    ))
}

pub(super) fn list_doc() -> Doc {
    Doc::new("audit_events", Tag::Audit, "Read the audit log")
        .about("In the order of time. `before=` (empty) gives the latest.")
        .query(filter)
        .gives::<AuditEvents>(StatusCode::OK, "A page of events.")
        .with_header("Link", "The pages beside (RFC 8288): `next` and `prev`.")
}
