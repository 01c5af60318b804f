//! Turns at tasks that instances share: one document a task, and one guarded update a turn.

use countersign_app::ports::store::{ClaimTask, StoreResult};
use mongodb::bson::doc;

use crate::db::Db;
use crate::error::{OrStoreError, code, codes};
use crate::values::moment;

pub(crate) const TASKS: &str = "tasks";

/// See [`countersign_app::ports::Store::claim_task`]. A task that is not due is not found by the
/// update, which then wants to add it, and is refused because it is there.
pub(crate) async fn claim(db: &Db, intent: &ClaimTask) -> StoreResult<bool> {
    let filter = doc! {"_id": intent.task, "due_at": {"$lte": moment(intent.now)}};
    let update = doc! {"$set": {"due_at": moment(intent.now.plus(intent.every))}};
    let tasks = db.collection(TASKS);
    match tasks.update_one(filter, update).upsert(true).await {
        Err(error) if codes(&error).contains(&code::DUPLICATE_KEY) => Ok(false),
        written => written.or_store_error().map(|_| true),
    }
}
