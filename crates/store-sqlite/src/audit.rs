//! The audit log: one insert beside each change, and pages of it.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{AuditFilter, StoreResult};
use countersign_domain::audit::AuditEvent;
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::page::{Page, PageRequest};
use countersign_store_rows::event;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::error::OrStoreError;
use crate::pages::Listing;

/// All events, as [`event`] reads them.
macro_rules! event_select {
    () => {
        "SELECT e.id, e.at, e.actor, e.actor_id, e.action, e.user_id, e.session_id, e.address, \
         e.request_id, e.detail FROM audit_events e"
    };
}
pub(crate) use event_select;

macro_rules! write_sql {
    ($verb:literal) => {
        concat!(
            $verb,
            " INTO audit_events (id, at, actor, actor_id, action, user_id, session_id,
                 address, request_id, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        )
    };
}

/// Writes an event.
pub(crate) fn insert(connection: &Connection, event: &AuditEvent) -> StoreResult<()> {
    write(connection, write_sql!("INSERT"), event)
}

/// Writes an event in place of the one with its id, if there is one.
pub(crate) fn put(connection: &Connection, event: &AuditEvent) -> StoreResult<()> {
    write(connection, write_sql!("INSERT OR REPLACE"), event)
}

fn write(connection: &Connection, sql: &'static str, event: &AuditEvent) -> StoreResult<()> {
    let (actor, actor_id) = event.actor.parts();
    let detail = if event.detail.is_empty() {
        "{}".to_owned()
    } else {
        serde_json::to_string(&event.detail)
            .map_err(|_| StoreError::Corrupt("an event can't be written".to_owned()))?
    };
    connection
        .prepare_cached(sql)
        .or_store_error()?
        .execute(params![
            event.id.as_uuid(),
            event.at.as_millis(),
            actor,
            actor_id,
            event.action.as_str(),
            event.user_id.as_ref().map(UserId::as_uuid),
            event.session_id.as_ref().map(SessionId::as_uuid),
            event.address.map(|address| address.to_string()),
            event.request_id,
            detail,
        ])
        .or_store_error()?;
    Ok(())
}

/// See [`countersign_app::ports::Store::audit_events`]. An event's id carries its time, so a span of
/// time is a span of the primary key; the time itself is compared all the same.
pub(crate) fn page(
    connection: &Connection,
    filter: &AuditFilter,
    request: &PageRequest,
) -> StoreResult<Page<AuditEvent>> {
    let mut listing = Listing::new(event_select!(), "e.id", request);
    if let Some(id) = &filter.user_id {
        listing.push("e.user_id = ", *id.as_uuid());
    }
    if let Some(action) = filter.action {
        // Where both are asked for, the plus keeps the better of the two indexes in use.
        let condition = if filter.user_id.is_some() {
            "+e.action = "
        } else {
            "e.action = "
        };
        listing.push(condition, action.as_str());
    }
    if let Some(since) = filter.since {
        listing.push("e.at >= ", since.as_millis());
        listing.push(
            "e.id >= ",
            EventId::least_at(since).map_or(Uuid::nil(), |id| *id.as_uuid()),
        );
    }
    if let Some(until) = filter.until {
        listing.push("e.at < ", until.as_millis());
        listing.push(
            "e.id < ",
            EventId::least_at(until).map_or(Uuid::max(), |id| *id.as_uuid()),
        );
    }
    listing.read(connection, event)
}
