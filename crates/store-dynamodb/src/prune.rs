//! Clearing away what is over, a bounded number of items at a time. The index says what may be
//! over; each deletion asks again whether it is. The index may lag behind for a moment: what it
//! does not show yet goes the next time.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{Prune, Pruned, StoreResult};
use countersign_domain::id::{EventId, PersonalTokenId, SessionId};
use countersign_domain::page::PageRequest;
use countersign_domain::time::Timestamp;
use uuid::Uuid;

use crate::cells::{Cells, at};
use crate::layout::{self, Item, Key, OVER};
use crate::pages::Span;
use crate::service::{Failed, Service};
use crate::together::together;
use crate::transaction::{About, Transaction, names, values};
use crate::{audit, new_users, session_rows, token_rows};

/// How many transactions are under way at once.
const AT_ONCE: usize = 8;

/// Items that go together: the one that is over first.
struct Group {
    first: Key,
    condition: &'static str,
    more: Vec<Key>,
}

impl Service {
    /// See [`countersign_app::ports::Store::prune`].
    pub async fn clear_away(&self, intent: &Prune) -> StoreResult<Pruned> {
        let limit = usize::try_from(intent.limit).unwrap_or(usize::MAX);
        let before = intent.before;
        let over = |kind| self.over(kind, before, limit);
        let (sessions, tokens, idempotency) = tokio::try_join!(
            over(session_rows::OVER),
            over(token_rows::OVER),
            over(new_users::OVER)
        )?;
        let pruned = Pruned {
            sessions: self.delete(&sessions, before).await?,
            personal_tokens: self.delete(&tokens, before).await?,
            idempotency_keys: self.delete(&idempotency, before).await?,
            audit_events: match intent.audit_before {
                Some(moment) => self.clear_log(moment, limit).await?,
                None => 0,
            },
        };
        if pruned != Pruned::default() {
            self.record_event(&intent.event).await?;
        }
        self.clear_all_leftovers().await?;
        self.clean_up_dead_roles(&intent.event).await?;
        Ok(pruned)
    }

    /// What is over by the index, the longest first.
    async fn over(&self, kind: &str, before: Timestamp, limit: usize) -> StoreResult<Vec<Group>> {
        let partitions = layout::over_partitions(kind);
        let parts = partitions.iter();
        let parts = parts.map(|partition| self.over_in(partition, before, limit));
        let parts = together(parts.collect(), AT_ONCE).await?;
        let mut found: Vec<(i64, Key)> = Vec::new();
        for item in parts.iter().flatten() {
            if let Some(key) = Key::of(item) {
                found.push((Cells(item).number("over_at")?, key));
            }
        }
        found.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.sk.cmp(&other.sk)));
        found.truncate(limit);
        Ok(found
            .into_iter()
            .map(|(_, key)| with_its_note(key))
            .collect())
    }

    async fn over_in(
        &self,
        partition: &str,
        before: Timestamp,
        limit: usize,
    ) -> StoreResult<Vec<Item>> {
        let condition = "#over = :over AND #over_at < :before";
        let names = names(&[condition]);
        let of = values(vec![
            (":over", crate::cells::s(partition)),
            (":before", at(before)),
        ]);
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let page = i32::try_from(limit - found.len()).unwrap_or(i32::MAX);
            let answer = self
                .request(true, true, |client| {
                    let query = client
                        .query()
                        .table_name(&self.address.table)
                        .index_name(OVER)
                        .key_condition_expression(condition)
                        .set_expression_attribute_names(names.clone())
                        .set_expression_attribute_values(of.clone())
                        .limit(page)
                        .set_exclusive_start_key(start.clone());
                    async move { query.send().await }
                })
                .await
                .map_err(|failed| match failed {
                    Failed::Over(error) => error,
                    Failed::Answer(_) => crate::error::no_table(),
                })?;
            found.extend(answer.items.unwrap_or_default());
            start = answer
                .last_evaluated_key
                .filter(|key: &Item| !key.is_empty());
            if start.is_none() || found.len() >= limit {
                return Ok(found);
            }
        }
    }

    async fn clear_log(&self, moment: Timestamp, limit: usize) -> StoreResult<u64> {
        let mut span = Span::new(layout::event_partitions(), &PageRequest::forward(None, 1));
        let end = EventId::least_at(moment).map_or(Uuid::max(), |id| *id.as_uuid());
        span.not_after(end);
        span.filter("#at < :moment".to_owned(), vec![(":moment", at(moment))]);
        let found = self.next_of(&span, limit).await?;
        let mut groups = Vec::with_capacity(found.len());
        for (id, item) in &found {
            groups.push(Group {
                first: layout::event(EventId::from_uuid(*id)),
                condition: "attribute_exists(#pk)",
                more: layout::event_pointers(&audit::read(item)?),
            });
        }
        self.delete(&groups, moment).await
    }

    /// Deletes groups, each whole; tells how many.
    async fn delete(&self, groups: &[Group], before: Timestamp) -> StoreResult<u64> {
        let size = groups.iter().map(|group| 1 + group.more.len()).max();
        let most = Transaction::MOST / size.unwrap_or(1);
        let some = groups.chunks(most);
        let some = some.map(|some| self.delete_together(some, before));
        let counts = together(some.collect(), AT_ONCE).await?;
        Ok(counts.iter().sum())
    }

    async fn delete_together(&self, groups: &[Group], before: Timestamp) -> StoreResult<u64> {
        let all = self.commit(self.deletion(groups, before)?).await?;
        if all.is_done() {
            return Ok(u64::try_from(groups.len()).unwrap_or(u64::MAX));
        }
        // One of them is gone, or was used in the last moment: each for itself.
        let mut count = 0;
        for group in groups {
            let one = self.deletion(std::slice::from_ref(group), before)?;
            count += u64::from(self.commit(one).await?.is_done());
        }
        Ok(count)
    }

    fn deletion(&self, groups: &[Group], before: Timestamp) -> Result<Transaction, StoreError> {
        let mut change = self.transaction();
        for group in groups {
            let of = if group.condition.contains(":before") {
                vec![(":before", at(before))]
            } else {
                Vec::new()
            };
            change.delete_if(About::Other, &group.first, group.condition, of)?;
            for key in &group.more {
                change.delete(key)?;
            }
        }
        Ok(change)
    }
}

/// What is over, with the note of whose it was.
fn with_its_note(key: Key) -> Group {
    let note = match (key.sk.split_once('#'), key.id()) {
        (Some(("S", _)), Some(id)) => Some(layout::session(SessionId::from_uuid(id))),
        (Some(("T", _)), Some(id)) => Some(layout::token_owner(PersonalTokenId::from_uuid(id))),
        _ => None,
    };
    Group {
        first: key,
        condition: "#over_at < :before",
        more: note.into_iter().collect(),
    }
}
