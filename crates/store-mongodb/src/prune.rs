//! Clearing away what is over, a bounded number of documents at a time.

use countersign_app::ports::store::{Prune, Pruned};
use countersign_domain::id::EventId;
use mongodb::bson::{Bson, Document, doc};
use uuid::Uuid;

use crate::audit::{self, EVENTS};
use crate::change::{Change, Step, Tx};
use crate::error::Fault;
use crate::personal_tokens::TOKENS;
use crate::sessions::SESSIONS;
use crate::sign_up::IDEMPOTENCY_KEYS;
use crate::values::{id, moment};

impl Change for Prune {
    type Outcome = Pruned;

    /// What is deleted is written, so that a session that is refreshed at this moment, by an instance
    /// whose clock is behind, is either refreshed or deleted. A log that may go is found by the span of
    /// its ids.
    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<Pruned>, Fault> {
        let over = doc! {"$lt": moment(self.before)};
        let mut writes = tx.writes();
        let mut places = Vec::new();
        let mut found_any = false;
        for (collection, field) in [
            (SESSIONS, "over_at"),
            (TOKENS, "expires_at"),
            (IDEMPOTENCY_KEYS, "expires_at"),
        ] {
            let ids = oldest(
                tx,
                collection,
                doc! {field: over.clone()},
                field,
                self.limit,
            );
            let ids = ids.await?;
            found_any |= !ids.is_empty();
            places.push(writes.delete_all(collection, doc! {"_id": {"$in": ids}}));
        }
        let old_events = match self.audit_before {
            None => Vec::new(),
            Some(moment_before) => {
                let end = EventId::least_at(moment_before);
                let end = end.map_or(Uuid::max(), |event| *event.as_uuid());
                let old = doc! {"at": {"$lt": moment(moment_before)}, "_id": {"$lt": id(&end)}};
                oldest(tx, EVENTS, old, "_id", self.limit).await?
            }
        };
        if !found_any && old_events.is_empty() {
            return Ok(Step::Leave(Pruned::default()));
        }
        places.push(writes.delete_all(EVENTS, doc! {"_id": {"$in": old_events}}));
        audit::add(&mut writes, &self.event);
        let written = tx.write(writes).await?;
        let gone = |kind: usize| places.get(kind).map_or(0, |place| written.found(*place));
        let pruned = Pruned {
            sessions: gone(0),
            personal_tokens: gone(1),
            idempotency_keys: gone(2),
            audit_events: gone(3),
        };
        Ok(if pruned == Pruned::default() {
            Step::Leave(pruned)
        } else {
            Step::Commit(pruned)
        })
    }
}

/// The keys of the oldest of what may go, `limit` at most.
async fn oldest(
    tx: &mut Tx<'_>,
    collection: &str,
    filter: Document,
    by: &str,
    limit: u32,
) -> Result<Vec<Bson>, Fault> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let pipeline = vec![
        doc! {"$match": filter},
        doc! {"$sort": {by: 1}},
        doc! {"$limit": i64::from(limit)},
        doc! {"$project": {"_id": 1}},
    ];
    let found = tx.all(collection, pipeline).await?;
    let keys = found
        .into_iter()
        .filter_map(|mut found| found.remove("_id"));
    Ok(keys.collect())
}
