//! The audit log: one insert beside each change, and pages of it.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{AuditFilter, StoreResult};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, PersonalTokenId, SessionId, UserId};
use countersign_domain::page::{Page, PageRequest};
use countersign_domain::time::Timestamp;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::cells::Cells;
use crate::error::OrStoreError;
use crate::pages::Listing;

const EVENT: &str = "SELECT e.id, e.at, e.actor, e.actor_id, e.action, e.user_id, e.session_id, \
                     e.address, e.request_id, e.detail FROM audit_events e";

/// Writes an event.
pub(crate) fn insert(connection: &Connection, event: &AuditEvent) -> StoreResult<()> {
    let (actor, actor_id) = actor_parts(event.actor);
    let detail = if event.detail.is_empty() {
        "{}".to_owned()
    } else {
        serde_json::to_string(&event.detail)
            .map_err(|_| StoreError::Corrupt("an event can't be written".to_owned()))?
    };
    connection
        .prepare_cached(
            "INSERT INTO audit_events (id, at, actor, actor_id, action, user_id, session_id,
                 address, request_id, detail)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
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
    let mut listing = Listing::new(EVENT, "e.id", request);
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
        listing.push("e.id >= ", first_id(since).unwrap_or(Uuid::nil()));
    }
    if let Some(until) = filter.until {
        listing.push("e.at < ", until.as_millis());
        listing.push("e.id < ", first_id(until).unwrap_or(Uuid::max()));
    }
    listing.read(connection, event)
}

/// The least id of an event at `moment`. `None` where ids do not reach.
pub(crate) fn first_id(moment: Timestamp) -> Option<Uuid> {
    let millis = u64::try_from(moment.as_millis())
        .ok()
        .filter(|m| (1..1 << 48).contains(m))?;
    Some(Uuid::from_u64_pair(millis << 16, 0))
}

fn event(cells: &mut Cells<'_>) -> StoreResult<AuditEvent> {
    Ok(AuditEvent {
        id: EventId::from_uuid(cells.id()?),
        at: cells.moment()?,
        actor: {
            let kind = cells.text()?;
            actor(kind, cells.id_or_null()?)?
        },
        action: cells.named(Action::from_name)?,
        user_id: cells.id_or_null()?.map(UserId::from_uuid),
        session_id: cells.id_or_null()?.map(SessionId::from_uuid),
        address: cells.parsed_or_null()?,
        request_id: cells.text_or_null()?.map(str::to_owned),
        detail: cells.named(|json| serde_json::from_str(json).ok())?,
    })
}

fn actor_parts(actor: Actor) -> (&'static str, Option<Uuid>) {
    match actor {
        Actor::User(id) => ("user", Some(*id.as_uuid())),
        Actor::PersonalToken(id) => ("personal_token", Some(*id.as_uuid())),
        Actor::Anonymous => ("anonymous", None),
        Actor::CommandLine => ("command_line", None),
        Actor::System => ("system", None),
    }
}

fn actor(kind: &str, id: Option<Uuid>) -> StoreResult<Actor> {
    match (kind, id) {
        ("user", Some(id)) => Ok(Actor::User(UserId::from_uuid(id))),
        ("personal_token", Some(id)) => Ok(Actor::PersonalToken(PersonalTokenId::from_uuid(id))),
        ("anonymous", None) => Ok(Actor::Anonymous),
        ("command_line", None) => Ok(Actor::CommandLine),
        ("system", None) => Ok(Actor::System),
        _ => Err(StoreError::Corrupt(
            "the actor of an event can't be read".to_owned(),
        )),
    }
}
