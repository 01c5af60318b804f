//! The audit log: an event beside each change, in the same transaction, with the pointers by which
//! it is found by user and by action; and pages of it, merged from the shards it is spread over.

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_app::ports::StoreError;
use countersign_app::ports::store::{AuditFilter, StoreResult};
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::id::{EventId, SessionId, UserId};
use countersign_domain::page::{Page, PageRequest};
use uuid::Uuid;

use crate::cells::{Cells, Row, at, n, s};
use crate::layout::{self, Item, Key};
use crate::pages::Span;
use crate::service::Service;
use crate::transaction::Transaction;

/// The event and its pointers, as items.
pub(crate) fn items(event: &AuditEvent) -> StoreResult<Vec<Item>> {
    let (actor, actor_id) = event.actor.parts();
    let detail = serde_json::to_string(&event.detail)
        .map_err(|_| StoreError::Corrupt("an event can't be written".to_owned()))?;
    let mut items = vec![
        Row::new(&layout::event(event.id), "event")
            .with("at", at(event.at))
            .with("actor", s(actor))
            .maybe("actor_id", actor_id.map(|id| s(id.to_string())))
            .with("action", s(event.action.as_str()))
            .maybe("user_id", event.user_id.map(|id| s(id.to_string())))
            .maybe("session_id", event.session_id.map(|id| s(id.to_string())))
            .maybe(
                "address",
                event.address.map(|address| s(address.to_string())),
            )
            .maybe("request_id", event.request_id.as_deref().map(s))
            .with("detail", s(detail))
            .item(),
    ];
    items.extend(layout::event_pointers(event).iter().map(|key| {
        Row::new(key, "pointer")
            .with("at", at(event.at))
            .with("action", s(event.action.as_str()))
            .item()
    }));
    Ok(items)
}

/// Writes an event beside a change.
pub(crate) fn insert(change: &mut Transaction, event: &AuditEvent) -> StoreResult<()> {
    for item in items(event)? {
        change.put(item)?;
    }
    Ok(())
}

/// Reads an event.
pub(crate) fn read(item: &Item) -> StoreResult<AuditEvent> {
    let cells = Cells(item);
    let corrupt = |name: &str| StoreError::Corrupt(format!("the attribute {name} can't be read"));
    let id = Key::of(item).and_then(|key| key.id());
    Ok(AuditEvent {
        id: EventId::from_uuid(id.ok_or_else(|| corrupt("sk"))?),
        at: cells.moment("at")?,
        actor: Actor::from_parts(cells.text("actor")?, cells.id_or_null("actor_id")?)
            .ok_or_else(|| corrupt("actor"))?,
        action: cells.named("action", Action::from_name)?,
        user_id: cells.id_or_null("user_id")?.map(UserId::from_uuid),
        session_id: cells.id_or_null("session_id")?.map(SessionId::from_uuid),
        address: cells.parsed_or_null("address")?,
        request_id: cells.text_or_null("request_id")?.map(str::to_owned),
        detail: cells.json("detail", |text| serde_json::from_str(text).ok())?,
    })
}

/// Where the events of a filter are looked for. An event's id carries its time, so a span of time
/// is a span of ids; the time itself is compared all the same.
fn span(filter: &AuditFilter, request: &PageRequest) -> Span {
    let mut conditions = Vec::new();
    let mut of: Vec<(&'static str, AttributeValue)> = Vec::new();
    let partitions = match (filter.user_id, filter.action) {
        (Some(id), action) => {
            if let Some(action) = action {
                conditions.push("#action = :action");
                of.push((":action", s(action.as_str())));
            }
            vec![layout::events_of_user(id)]
        }
        (None, Some(action)) => layout::events_of_action(action.as_str()),
        (None, None) => layout::event_partitions(),
    };
    let mut span = Span::new(partitions, request);
    if let Some(since) = filter.since {
        conditions.push("#at >= :since");
        of.push((":since", n(since.as_millis())));
        span.not_before(EventId::least_at(since).map_or(Uuid::nil(), |id| *id.as_uuid()));
    }
    if let Some(until) = filter.until {
        conditions.push("#at < :until");
        of.push((":until", n(until.as_millis())));
        span.not_after(EventId::least_at(until).map_or(Uuid::max(), |id| *id.as_uuid()));
    }
    span.filter(conditions.join(" AND "), of);
    span
}

impl Service {
    /// See [`countersign_app::ports::Store::audit_events`].
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<AuditEvent>> {
        let wanted = usize::from(request.limit()) + 1;
        let found = self.next_of(&span(filter, request), wanted).await?;
        let is_whole = filter.user_id.is_none() && filter.action.is_none();
        let events = if is_whole {
            found
                .iter()
                .map(|(_, item)| read(item))
                .collect::<StoreResult<Vec<_>>>()?
        } else {
            let keys: Vec<Key> = found
                .iter()
                .map(|(id, _)| layout::event(EventId::from_uuid(*id)))
                .collect();
            let items = self.items(&keys).await?;
            let events = keys.iter().filter_map(|key| items.get(key));
            events.map(read).collect::<StoreResult<Vec<_>>>()?
        };
        Ok(Page::from_rows(events, request))
    }

    /// See [`countersign_app::ports::Store::record`].
    pub async fn record_event(&self, event: &AuditEvent) -> StoreResult<()> {
        let mut change = self.transaction();
        insert(&mut change, event)?;
        self.commit_all(change).await
    }
}
