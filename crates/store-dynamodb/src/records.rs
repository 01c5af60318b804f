//! The operator's copies: records out, kind by kind, and in again. Users, events, roles and keys
//! are read by key; sessions, tokens and idempotency keys, of which there is no list, by a scan.

mod bring_in;

use std::collections::{HashMap, HashSet};

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, IdempotencyRecord, Record, RecordKind};
use countersign_domain::id::UserId;
use countersign_domain::opaque::TokenHash;
use uuid::Uuid;

use crate::cells::{Cells, s};
use crate::layout::{self, Item, Key};
use crate::pages::Span;
use crate::service::Service;
use crate::transaction::Values;
use crate::user_rows::UserRow;
use crate::{audit, session_rows, token_rows};

/// How many pages of a scan one batch reads at most: it may have to skip much.
const PAGES: usize = 4;

fn unreadable_place() -> StoreError {
    StoreError::Corrupt("the place to go on from can't be read".to_owned())
}

impl Service {
    /// A piece of a scan: what fits, and where to go on. Not for requests.
    pub async fn scan(
        &self,
        filter: &str,
        of: Values,
        start: Option<Item>,
        limit: Option<i32>,
    ) -> StoreResult<(Vec<Item>, Option<Item>)> {
        let (names, of) = (
            crate::transaction::names(&[filter]),
            crate::transaction::values(of),
        );
        let answer = self
            .request(true, true, |client| {
                let request = client
                    .scan()
                    .table_name(&self.address.table)
                    .consistent_read(true)
                    .set_filter_expression((!filter.is_empty()).then(|| filter.to_owned()))
                    .set_expression_attribute_names(names.clone())
                    .set_expression_attribute_values(of.clone())
                    .set_limit(limit)
                    .set_exclusive_start_key(start.clone());
                async move { request.send().await }
            })
            .await
            .map_err(|failed| match failed {
                crate::service::Failed::Over(error) => error,
                crate::service::Failed::Answer(_) => crate::error::no_table(),
            })?;
        let next = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((answer.items.unwrap_or_default(), next))
    }

    /// See [`countersign_app::ports::StoreAdmin::is_empty`].
    pub async fn holds_nothing(&self) -> StoreResult<bool> {
        let filter = "#kind IN (:user, :session, :token, :event, :idempotency, :roles, :keys)";
        let kinds = [
            (":user", "user"),
            (":session", "session"),
            (":token", "token"),
            (":event", "event"),
            (":idempotency", "idempotency"),
            (":roles", "roles"),
            (":keys", "keys"),
        ];
        let mut start = None;
        loop {
            let of = kinds.iter().map(|(name, kind)| (*name, s(*kind))).collect();
            let (found, next) = self.scan(filter, of, start, None).await?;
            if !found.is_empty() {
                return Ok(false);
            }
            if next.is_none() {
                return Ok(true);
            }
            start = next;
        }
    }

    /// See [`countersign_app::ports::StoreAdmin::read_records`].
    pub async fn records(
        &self,
        kind: RecordKind,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Batch> {
        let limit = usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
        match kind {
            RecordKind::Role => {
                let roles = self.stored_roles().await?.all().into_iter();
                let behind =
                    roles.filter(|role| after.is_none_or(|name| role.name.as_str() > name));
                let some: Vec<_> = behind.take(limit).collect();
                let next = some.last().map(|role| role.name.to_string());
                let next = next.filter(|_| some.len() == limit);
                Ok(batch(some.into_iter().map(Record::Role).collect(), next))
            }
            RecordKind::User => self.user_records(after, limit).await,
            RecordKind::AuditEvent => {
                let partitions = layout::event_partitions();
                let found = self.next_of(&behind(partitions, after)?, limit).await?;
                let next = next_id(&found, limit);
                let events = found.iter().map(|(_, item)| audit::read(item));
                let events = events.map(|event| event.map(Record::AuditEvent));
                Ok(batch(events.collect::<StoreResult<_>>()?, next))
            }
            RecordKind::Session => self.scanned("session", after, limit).await,
            RecordKind::PersonalToken => self.scanned("token", after, limit).await,
            RecordKind::IdempotencyKey => self.scanned("idempotency", after, limit).await,
            RecordKind::Keys => {
                let set = self.stored_keys().await?;
                let some = (set.version > 0).then_some(Record::Keys(set));
                Ok(batch(some.into_iter().collect(), None))
            }
        }
    }

    async fn user_records(&self, after: Option<&str>, limit: usize) -> StoreResult<Batch> {
        let roles = self.stored_roles().await?;
        let span = behind(layout::list_partitions(None), after)?;
        let found = self.next_of(&span, limit).await?;
        let next = next_id(&found, limit);
        let ids: Vec<Uuid> = found.iter().map(|(id, _)| *id).collect();
        let rows = self.users_in_order(&ids).await?;
        let record = |row: UserRow| Record::User(roles.user(&row), row.password.clone());
        Ok(batch(rows.into_iter().map(record).collect(), next))
    }

    async fn scanned(&self, kind: &str, after: Option<&str>, limit: usize) -> StoreResult<Batch> {
        let mut start = after.map(place).transpose()?;
        let mut items: Vec<Item> = Vec::new();
        for _ in 0..PAGES {
            let of = vec![(":kind", s(kind))];
            let (found, next) = self.scan("#kind = :kind", of, start, None).await?;
            items.extend(found);
            start = next;
            if items.len() >= limit || start.is_none() {
                break;
            }
        }
        if items.len() > limit {
            items.truncate(limit);
            start = items.last().and_then(Key::of).map(|key| key.item());
        }
        let users = self.owners_of(&items).await?;
        let mut records = Vec::with_capacity(items.len());
        for item in &items {
            records.extend(self.record(kind, item, &users).await?);
        }
        let next = start.as_ref().and_then(Key::of);
        let next = next.map(|key| serde_json::json!([key.pk, key.sk]).to_string());
        Ok(batch(records, next))
    }

    /// The users of some items: those who were deleted have left some behind.
    async fn owners_of(&self, items: &[Item]) -> StoreResult<HashMap<UserId, UserRow>> {
        let ids = items
            .iter()
            .filter_map(|item| Cells(item).id("user_id").ok());
        let ids: HashSet<Uuid> = ids.collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let rows = self.users_in_order(&ids).await?;
        Ok(rows.into_iter().map(|row| (row.id(), row)).collect())
    }

    /// A record from its item; `None` if it is what a deleted user left over.
    async fn record(
        &self,
        kind: &str,
        item: &Item,
        users: &HashMap<UserId, UserRow>,
    ) -> StoreResult<Option<Record>> {
        let cells = Cells(item);
        if kind == "idempotency" {
            return Ok(Some(Record::IdempotencyKey(IdempotencyRecord {
                key: TokenHash::from_bytes(cells.bytes("key")?),
                request: TokenHash::from_bytes(cells.bytes("request")?),
                user_id: UserId::from_uuid(cells.id("user_id")?),
                expires_at: cells.moment("expires_at")?,
            })));
        }
        let Some(user) = users.get(&UserId::from_uuid(cells.id("user_id")?)) else {
            return Ok(None);
        };
        if kind != "session" {
            return Ok(Some(Record::PersonalToken(token_rows::read(item)?.token)));
        }
        let row = session_rows::read(item)?;
        if !row.is_past(user) {
            return Ok(Some(Record::Session(row.session)));
        }
        // The user was read later: what became of the session meanwhile has to be seen as well.
        let now = self.session_row(user.id(), row.session.id).await?;
        Ok(now.map(|(row, ..)| Record::Session(row.session)))
    }
}

fn batch(records: Vec<Record>, next: Option<String>) -> Batch {
    Batch { records, next }
}

fn behind(partitions: Vec<String>, after: Option<&str>) -> StoreResult<Span> {
    let mut span = Span::all(partitions);
    if let Some(after) = after {
        span.go_behind(after.parse().map_err(|_| unreadable_place())?);
    }
    Ok(span)
}

fn next_id(found: &[(Uuid, Item)], limit: usize) -> Option<String> {
    let last = found.last().filter(|_| found.len() == limit)?;
    Some(last.0.to_string())
}

fn place(text: &str) -> StoreResult<Item> {
    let (pk, sk) = serde_json::from_str(text).map_err(|_| unreadable_place())?;
    Ok(Key { pk, sk }.item())
}
