//! Clearing away what is over, a bounded number of rows at a time. Rows that somebody else has in
//! hand are left for the next time.

use countersign_app::ports::store::{Prune, Pruned};
use countersign_domain::id::EventId;
use uuid::Uuid;

use crate::audit;
use crate::connection::{Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;

/// The statements that clear away, in the order of [`Pruned`].
pub(crate) fn statements(intent: &Prune) -> Vec<Statement> {
    let Prune {
        before,
        audit_before,
        limit,
        ..
    } = intent;
    let mut statements = vec![
        sql!(
            "DELETE FROM sessions WHERE id IN (
                 SELECT id FROM sessions
                 WHERE over_bucket <= $1::bigint >> 22
                     AND least(idle_expires_at, expires_at, coalesce(ended_at, expires_at)) < $1
                 ORDER BY over_bucket LIMIT $2 FOR UPDATE SKIP LOCKED)",
            *before,
            *limit
        ),
        sql!(
            "DELETE FROM personal_tokens WHERE id IN (
                 SELECT id FROM personal_tokens WHERE expires_at < $1
                 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
            *before,
            *limit
        ),
        sql!(
            "DELETE FROM idempotency_keys WHERE key IN (
                 SELECT key FROM idempotency_keys WHERE expires_at < $1
                 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
            *before,
            *limit
        ),
    ];
    if let Some(moment) = audit_before {
        statements.push(sql!(
            "DELETE FROM audit_events WHERE id IN (
                 SELECT id FROM audit_events WHERE at < $1 AND id < $3
                 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
            *moment,
            *limit,
            EventId::least_at(*moment).map_or(Uuid::max(), |id| *id.as_uuid())
        ));
    }
    statements
}

/// See [`countersign_app::ports::Store::prune`]. `begin` begins a transaction that may take long.
pub(crate) async fn prune(lease: &mut Lease, begin: &str, intent: &Prune) -> Result<Pruned, Fault> {
    let answers = lease.begin_as(begin, statements(intent)).await?;
    let count = |place: usize| answers.get(place).map_or(0, |answer| answer.changed);
    let pruned = Pruned {
        sessions: count(0),
        personal_tokens: count(1),
        idempotency_keys: count(2),
        audit_events: count(3),
    };
    if pruned == Pruned::default() {
        lease.roll_back().await?;
    } else {
        lease.commit(vec![audit::insert(&intent.event)?]).await?;
    }
    Ok(pruned)
}
