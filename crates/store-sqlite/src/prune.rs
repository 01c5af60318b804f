//! Clearing away what is over, a bounded number of rows at a time.

use countersign_app::ports::store::{Prune, Pruned, StoreResult};
use countersign_domain::id::EventId;
use rusqlite::{Connection, Params, params};
use uuid::Uuid;

use crate::audit;
use crate::error::OrStoreError;

/// See [`countersign_app::ports::Store::prune`].
pub(crate) fn prune(connection: &Connection, intent: &Prune) -> StoreResult<Pruned> {
    let Prune {
        before,
        audit_before,
        limit,
        event,
    } = intent;
    let over = params![before.as_millis(), limit];
    let pruned = Pruned {
        sessions: delete(
            connection,
            "DELETE FROM sessions WHERE id IN (
                 SELECT id FROM sessions WHERE over_at < ?1 ORDER BY over_at LIMIT ?2)",
            over,
        )?,
        personal_tokens: delete(
            connection,
            "DELETE FROM personal_tokens WHERE id IN (
                 SELECT id FROM personal_tokens WHERE expires_at < ?1
                 ORDER BY expires_at LIMIT ?2)",
            over,
        )?,
        idempotency_keys: delete(
            connection,
            "DELETE FROM idempotency_keys WHERE key IN (
                 SELECT key FROM idempotency_keys WHERE expires_at < ?1
                 ORDER BY expires_at LIMIT ?2)",
            over,
        )?,
        audit_events: match audit_before {
            None => 0,
            Some(moment) => delete(
                connection,
                "DELETE FROM audit_events WHERE id IN (
                     SELECT id FROM audit_events WHERE at < ?1 AND id < ?3
                     ORDER BY id LIMIT ?2)",
                params![
                    moment.as_millis(),
                    limit,
                    EventId::least_at(*moment).map_or(Uuid::max(), |id| *id.as_uuid())
                ],
            )?,
        },
    };
    if pruned != Pruned::default() {
        audit::insert(connection, event)?;
    }
    Ok(pruned)
}

fn delete(connection: &Connection, sql: &'static str, params: impl Params) -> StoreResult<u64> {
    let deleted = connection
        .prepare_cached(sql)
        .or_store_error()?
        .execute(params)
        .or_store_error()?;
    Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
}
