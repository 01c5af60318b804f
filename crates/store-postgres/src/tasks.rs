//! Turns at the work that instances share, and the check that the database can be written.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::ClaimTask;

use crate::connection::sql;
use crate::error::Fault;
use crate::pool::Lease;

/// See [`countersign_app::ports::Store::claim_task`]. One statement: whoever comes second looks at
/// what the first one wrote.
pub(crate) async fn claim(lease: &mut Lease, intent: ClaimTask) -> Result<bool, Fault> {
    let answer = lease
        .run(sql!(
            "INSERT INTO tasks (task, due_at) VALUES ($1, $2)
             ON CONFLICT (task) DO UPDATE SET due_at = EXCLUDED.due_at WHERE tasks.due_at <= $3",
            intent.task,
            intent.now.plus(intent.every),
            intent.now,
        ))
        .await?;
    Ok(answer.changed == 1)
}

/// See [`countersign_app::ports::Store::ping`]. Really writes: a disk that is full or read-only
/// shows at nothing less.
pub(crate) async fn ping(lease: &mut Lease) -> Result<(), Fault> {
    let answer = lease
        .run(sql!("UPDATE pings SET count = (count + 1) & 65535"))
        .await?;
    if answer.changed == 1 {
        Ok(())
    } else {
        Err(Fault::Store(StoreError::Corrupt(
            "a row that must exist is missing".to_owned(),
        )))
    }
}
