//! Tasks that instances share: a row a task, which says when it is due next.

use countersign_app::ports::store::{ClaimTask, StoreResult};
use rusqlite::{Connection, params};

use crate::error::OrStoreError;

/// See [`countersign_app::ports::Store::claim_task`]: one guarded statement. Who comes too early
/// changes nothing, and so costs no wait for the disk.
pub(crate) fn claim(connection: &Connection, intent: ClaimTask) -> StoreResult<bool> {
    let ClaimTask { task, now, every } = intent;
    let next = now.plus(every);
    let claimed = connection
        .prepare_cached(
            "INSERT INTO tasks (name, due_at) VALUES (?1, ?3)
             ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at WHERE due_at <= ?2",
        )
        .or_store_error()?
        .execute(params![task, now.as_millis(), next.as_millis()])
        .or_store_error()?;
    Ok(claimed > 0)
}
