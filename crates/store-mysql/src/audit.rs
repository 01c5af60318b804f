//! The audit log: one insert beside each change, and pages of it.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{AuditFilter, StoreResult};
use countersign_domain::audit::AuditEvent;
use countersign_domain::id::{EventId, SessionId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::page::{Page, PageRequest};
use countersign_store_rows::event;
use uuid::Uuid;

use crate::cells::Cells;
use crate::error::Fault;
use crate::link::Link;
use crate::pages::Listing;
use crate::sql::{Literal, Sql};

/// The columns of an event, as [`event`] reads them.
macro_rules! event_columns {
    () => {
        "e.id, e.occurred_at, e.actor, e.actor_id, e.action, e.user_id, e.session_id, e.address, \
         e.request_id, e.detail"
    };
}
pub(crate) use event_columns;

macro_rules! into_sql {
    ($verb:literal, $rest:literal) => {
        concat!(
            $verb,
            " INTO audit_events (id, occurred_at, actor, actor_id, action, user_id, session_id, \
             address, request_id, detail) ",
            $rest
        )
    };
}

/// Writes an event.
pub(crate) fn insert_sql(event: &AuditEvent) -> StoreResult<Sql> {
    let text = into_sql!("INSERT", "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    Ok(Sql::new(text, values(event)?))
}

/// What an update that an event depends on evaluates for each row it changes: it leaves a mark on the
/// connection. It is the length of an id, which makes it depend on the row. The count of changed rows
/// would not do: the server forgets it when the client is gone, and goes on with the text.
macro_rules! marking {
    () => {
        "LAST_INSERT_ID(LENGTH(id)) > 0"
    };
}
pub(crate) use marking;

/// Writes an event if a statement of this [`Link::marked_transaction`](crate::link::Link) left its
/// mark.
pub(crate) fn insert_if_changed_sql(event: &AuditEvent) -> StoreResult<Sql> {
    let text = into_sql!(
        "INSERT",
        "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM DUAL WHERE LAST_INSERT_ID() > 0"
    );
    Ok(Sql::new(text, values(event)?))
}

/// Writes the event of a rotation if its session has the successor now: it tells the user, who is the
/// actor, too.
pub(crate) fn insert_if_rotated_sql(
    event: &AuditEvent,
    session_id: SessionId,
    successor: TokenHash,
) -> StoreResult<Sql> {
    let [
        id,
        at,
        _,
        _,
        action,
        _,
        session,
        address,
        request_id,
        detail,
    ] = values(event)?;
    let text = into_sql!(
        "INSERT",
        "SELECT ?, ?, 'user', s.user_id, ?, s.user_id, ?, ?, ?, ? FROM sessions s \
         WHERE s.id = ? AND s.current_hash = ?"
    );
    let values = [
        id,
        at,
        action,
        session,
        address,
        request_id,
        detail,
        session_id.into(),
        successor.into(),
    ];
    Ok(Sql::new(text, values))
}

/// Writes events, in place of those with their ids if there are any.
pub(crate) fn put_sql(events: &[AuditEvent]) -> StoreResult<Sql> {
    several(into_sql!("REPLACE", "VALUES "), events)
}

/// Writes events that are new.
pub(crate) fn insert_all_sql<'e>(
    events: impl IntoIterator<Item = &'e AuditEvent>,
) -> StoreResult<Sql> {
    several(into_sql!("INSERT", "VALUES "), events)
}

fn several<'e>(
    text: &'static str,
    events: impl IntoIterator<Item = &'e AuditEvent>,
) -> StoreResult<Sql> {
    let mut sql = Sql::default();
    for event in events {
        sql.add(if sql.is_empty() { text } else { ", " }, []);
        sql.add("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values(event)?);
    }
    Ok(sql)
}

fn values(event: &AuditEvent) -> StoreResult<[Literal; 10]> {
    let (actor, actor_id) = event.actor.parts();
    let detail = serde_json::to_string(&event.detail)
        .map_err(|_| StoreError::Corrupt("an audit event can't be written".to_owned()))?;
    Ok([
        event.id.into(),
        event.at.into(),
        actor.into(),
        actor_id.into(),
        event.action.as_str().into(),
        event.user_id.into(),
        event.session_id.into(),
        event.address.map(|address| address.to_string()).into(),
        event.request_id.clone().into(),
        detail.into(),
    ])
}

/// See [`countersign_app::ports::Store::record`].
pub(crate) async fn record(link: &mut Link<'_>, event: &AuditEvent) -> Result<(), Fault> {
    link.write(insert_sql(event)?).await?;
    Ok(())
}

/// See [`countersign_app::ports::Store::audit_events`]. The index is named: for a page in the order
/// of ids the engine would rather walk the whole log.
pub(crate) async fn page(
    link: &mut Link<'_>,
    filter: &AuditFilter,
    request: &PageRequest,
) -> Result<Page<AuditEvent>, Fault> {
    let select = if filter.user_id.is_some() {
        concat!(
            "SELECT ",
            event_columns!(),
            " FROM audit_events e FORCE INDEX (audit_events_by_user)"
        )
    } else if filter.action.is_some() {
        concat!(
            "SELECT ",
            event_columns!(),
            " FROM audit_events e FORCE INDEX (audit_events_by_action)"
        )
    } else {
        concat!("SELECT ", event_columns!(), " FROM audit_events e")
    };
    let mut listing = Listing::new(select, "e.id", request);
    if let Some(id) = filter.user_id {
        listing.condition("e.user_id = ?", [id.into()]);
    }
    if let Some(action) = filter.action {
        listing.condition("e.action = ?", [action.as_str().into()]);
    }
    if let Some(since) = filter.since {
        let least = EventId::least_at(since).map_or(Uuid::nil(), |id| *id.as_uuid());
        listing.condition(
            "e.occurred_at >= ? AND e.id >= ?",
            [since.into(), least.into()],
        );
    }
    if let Some(until) = filter.until {
        let end = EventId::least_at(until).map_or(Uuid::max(), |id| *id.as_uuid());
        listing.condition("e.occurred_at < ? AND e.id < ?", [until.into(), end.into()]);
    }
    let rows = link.read(listing.into_sql()).await?.rows()?;
    let events = rows
        .iter()
        .map(|row| event(&mut Cells::of(row)))
        .collect::<StoreResult<_>>()?;
    Ok(Page::from_rows(events, request))
}
