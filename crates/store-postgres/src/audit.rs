//! The audit log: one insert beside each change, and pages of it.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{AuditFilter, StoreResult};
use countersign_domain::audit::AuditEvent;
use countersign_domain::id::EventId;
use countersign_domain::page::{Page, PageRequest};
use countersign_store_rows::event;
use uuid::Uuid;

use crate::connection::{Statement, sql};
use crate::error::Fault;
use crate::pages::Listing;
use crate::pool::Lease;

/// The columns of an event, from the table `e`, as [`event`] reads them.
macro_rules! event_columns {
    () => {
        "e.id, e.at, e.actor, e.actor_id, e.action, e.user_id, e.session_id, e.address, \
         e.request_id, e.detail"
    };
}
pub(crate) use event_columns;

macro_rules! insert_event {
    () => {
        "INSERT INTO audit_events (id, at, actor, actor_id, action, user_id, session_id, address, \
         request_id, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    };
}

/// What an event is written with: its columns in their order.
pub(crate) struct Line {
    pub actor: &'static str,
    pub actor_id: Option<Uuid>,
    pub address: Option<String>,
    pub detail: String,
}

impl Line {
    pub fn of(event: &AuditEvent) -> StoreResult<Self> {
        let (actor, actor_id) = event.actor.parts();
        let detail = if event.detail.is_empty() {
            "{}".to_owned()
        } else {
            serde_json::to_string(&event.detail)
                .map_err(|_| StoreError::Corrupt("an event can't be written".to_owned()))?
        };
        Ok(Self {
            actor,
            actor_id,
            address: event.address.map(|address| address.to_string()),
            detail,
        })
    }
}

/// The statement that writes an event.
pub(crate) fn insert(event: &AuditEvent) -> StoreResult<Statement> {
    write(insert_event!(), event)
}

/// The same, where it may be there already.
pub(crate) fn put(event: &AuditEvent) -> StoreResult<Statement> {
    write(
        concat!(
            insert_event!(),
            " ON CONFLICT (id) DO UPDATE SET at = EXCLUDED.at, actor = EXCLUDED.actor,
             actor_id = EXCLUDED.actor_id, action = EXCLUDED.action,
             user_id = EXCLUDED.user_id, session_id = EXCLUDED.session_id,
             address = EXCLUDED.address, request_id = EXCLUDED.request_id,
             detail = EXCLUDED.detail"
        ),
        event,
    )
}

fn write(text: &'static str, event: &AuditEvent) -> StoreResult<Statement> {
    let line = Line::of(event)?;
    Ok(sql!(
        text,
        *event.id.as_uuid(),
        event.at,
        line.actor,
        line.actor_id,
        event.action.as_str(),
        event.user_id,
        event.session_id,
        line.address,
        event.request_id.as_deref(),
        line.detail,
    ))
}

/// See [`countersign_app::ports::Store::audit_events`]. An event's id carries its time, so a span of
/// time is a span of the primary key; the time itself is compared all the same.
pub(crate) async fn page(
    lease: &mut Lease,
    filter: &AuditFilter,
    request: &PageRequest,
) -> Result<Page<AuditEvent>, Fault> {
    let select = concat!("SELECT ", event_columns!(), " FROM audit_events e");
    let mut listing = Listing::new(select, "e.id", request);
    if let Some(id) = filter.user_id {
        listing.push("e.user_id = ", id);
    }
    if let Some(action) = filter.action {
        listing.push("e.action = ", action.as_str());
    }
    if let Some(since) = filter.since {
        let from = EventId::least_at(since).map_or(Uuid::nil(), |id| *id.as_uuid());
        listing.push("e.at >= ", since);
        listing.push("e.id >= ", from);
    }
    if let Some(until) = filter.until {
        let end = EventId::least_at(until).map_or(Uuid::max(), |id| *id.as_uuid());
        listing.push("e.at < ", until);
        listing.push("e.id < ", end);
    }
    listing.read(lease, event).await
}

/// See [`countersign_app::ports::Store::record`].
pub(crate) async fn record(lease: &mut Lease, event: &AuditEvent) -> Result<(), Fault> {
    lease.run(insert(event)?).await?;
    Ok(())
}
