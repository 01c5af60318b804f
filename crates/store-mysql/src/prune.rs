//! Clearing away what is over, a bounded number of rows at a time, and taking turns at it.

use std::time::Duration;

use countersign_app::ports::store::{ClaimTask, Prune, Pruned};
use countersign_domain::id::EventId;
use uuid::Uuid;

use crate::audit;
use crate::error::Fault;
use crate::link::Link;
use crate::sql::Sql;

/// See [`countersign_app::ports::Store::prune`].
pub(crate) async fn prune(link: &mut Link<'_>, intent: &Prune) -> Result<Pruned, Fault> {
    let Prune {
        before,
        audit_before,
        limit,
        event,
    } = intent;
    let over = || [(*before).into(), (*limit).into()];
    let mut sql = Sql::new(
        "DELETE FROM sessions WHERE over_at < ? ORDER BY over_at LIMIT ?",
        over(),
    )
    .then(
        "DELETE FROM personal_tokens WHERE expires_at < ? ORDER BY expires_at LIMIT ?",
        over(),
    )
    .then(
        "DELETE FROM idempotency_keys WHERE expires_at < ? ORDER BY expires_at LIMIT ?",
        over(),
    );
    if let Some(moment) = *audit_before {
        let end = EventId::least_at(moment).map_or(Uuid::max(), |id| *id.as_uuid());
        sql = sql.then(
            "DELETE FROM audit_events WHERE occurred_at < ? AND id < ? ORDER BY id LIMIT ?",
            [moment.into(), end.into(), (*limit).into()],
        );
    }
    let mut answers = link.begin(sql).await?;
    let pruned = Pruned {
        sessions: answers.changed()?,
        personal_tokens: answers.changed()?,
        idempotency_keys: answers.changed()?,
        audit_events: match audit_before {
            Some(_) => answers.changed()?,
            None => 0,
        },
    };
    if pruned != Pruned::default() {
        link.commit(audit::insert_sql(event)?).await?;
    }
    Ok(pruned)
}

/// See [`countersign_app::ports::Store::claim_task`]: two guarded statements, of which one at most
/// finds something to do. Who comes too early changes nothing. They are one change: a turn taken by
/// the first would be lost to everybody if the second then had to give way.
pub(crate) async fn claim(link: &mut Link<'_>, intent: ClaimTask) -> Result<bool, Fault> {
    let ClaimTask { task, now, every } = intent;
    let next = now.plus(every.max(Duration::from_millis(1)));
    let sql = Sql::new(
        "UPDATE tasks SET due_at = ? WHERE name = ? AND due_at <= ?",
        [next.into(), task.into(), now.into()],
    )
    .then(
        "INSERT IGNORE INTO tasks (name, due_at) VALUES (?, ?)",
        [task.into(), next.into()],
    );
    let mut answers = link.transaction(sql).await?;
    Ok(answers.changed()? + answers.changed()? > 0)
}

/// See [`countersign_app::ports::Store::ping`]. Really writes: a server that is full or read-only
/// shows at nothing less.
pub(crate) async fn ping(link: &mut Link<'_>) -> Result<(), Fault> {
    let sql = Sql::new(
        "UPDATE heartbeat SET beats = (beats + 1) & 65535 WHERE id = 1",
        [],
    );
    link.write(sql).await?;
    Ok(())
}
