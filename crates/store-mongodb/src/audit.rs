//! The audit log: one document beside each change, and pages of it.

use countersign_app::ports::store::{AuditFilter, StoreResult};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::page::{Page, PageRequest};
use mongodb::bson::{Bson, Document, doc};
use uuid::Uuid;

use crate::db::Db;
use crate::error::OrStoreError;
use crate::fields::{Fields, corrupt};
use crate::pages::Listing;
use crate::values::{id, moment, put};
use crate::writes::{Place, Writes};

pub(crate) const EVENTS: &str = "audit_events";

/// An event as a document. The names of its details come from callers and so are values, not the
/// names of fields.
pub(crate) fn event_document(event: &AuditEvent) -> Document {
    let (actor, actor_id) = event.actor.parts();
    let mut document = doc! {
        "_id": id(event.id.as_uuid()),
        "at": moment(event.at),
        "actor": actor,
        "action": event.action.as_str(),
    };
    put(&mut document, "actor_id", actor_id.as_ref().map(id));
    put(
        &mut document,
        "user_id",
        event.user_id.map(|user| id(user.as_uuid())),
    );
    put(
        &mut document,
        "session_id",
        event.session_id.map(|session| id(session.as_uuid())),
    );
    put(
        &mut document,
        "address",
        event.address.map(|address| address.to_string()),
    );
    put(&mut document, "request_id", event.request_id.as_deref());
    let detail = event.detail.iter().map(|(name, value)| {
        let pair = doc! {"name": name, "value": value};
        Bson::Document(pair)
    });
    document.insert("detail", Bson::Array(detail.collect()));
    document
}

/// Writes an event beside a change.
pub(crate) fn add(writes: &mut Writes, event: &AuditEvent) -> Place {
    writes.insert(EVENTS, event_document(event))
}

/// See [`countersign_app::ports::Store::record`].
pub(crate) async fn record(db: &Db, event: &AuditEvent) -> StoreResult<()> {
    let events = db.collection(EVENTS);
    let written = events.insert_one(event_document(event)).await;
    written.or_store_error()?;
    Ok(())
}

/// See [`countersign_app::ports::Store::audit_events`]. An event's id carries its time, so a span of
/// time is a span of the key; the time itself is compared all the same.
pub(crate) async fn page(
    db: &Db,
    filter: &AuditFilter,
    request: &PageRequest,
) -> StoreResult<Page<AuditEvent>> {
    let mut listing = Listing::of(EVENTS, request);
    if let Some(user_id) = &filter.user_id {
        listing.require(doc! {"user_id": id(user_id.as_uuid())});
    }
    if let Some(action) = filter.action {
        listing.require(doc! {"action": action.as_str()});
    }
    if let Some(since) = filter.since {
        let first = EventId::least_at(since).map_or(Uuid::nil(), |event| *event.as_uuid());
        listing.require(doc! {"at": {"$gte": moment(since)}, "_id": {"$gte": id(&first)}});
    }
    if let Some(until) = filter.until {
        let end = EventId::least_at(until).map_or(Uuid::max(), |event| *event.as_uuid());
        listing.require(doc! {"at": {"$lt": moment(until)}, "_id": {"$lt": id(&end)}});
    }
    listing.read(db, event).await
}

/// Reads an event.
pub(crate) fn event(document: &Document) -> StoreResult<AuditEvent> {
    let fields = Fields::of(document);
    let actor = Actor::from_parts(fields.text("actor")?, fields.id_or_none("actor_id")?);
    let pairs = fields.each("detail")?.into_iter().map(|pair| {
        let (name, value) = (pair.text("name")?, pair.text("value")?);
        Ok((name.to_owned(), value.to_owned()))
    });
    Ok(AuditEvent {
        id: EventId::from_uuid(fields.id("_id")?),
        at: fields.moment("at")?,
        actor: actor.ok_or_else(|| corrupt("actor"))?,
        action: fields.named("action", Action::from_name)?,
        user_id: fields.id_or_none("user_id")?.map(UserId::from_uuid),
        session_id: fields.id_or_none("session_id")?.map(SessionId::from_uuid),
        address: fields.parsed_or_none("address")?,
        request_id: fields.text_or_none("request_id")?.map(str::to_owned),
        detail: pairs.collect::<StoreResult<_>>()?,
    })
}
