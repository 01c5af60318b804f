//! What there is one of in an instance: single documents of the collection `instance`, by name.

use countersign_app::ports::store::StoreResult;
use mongodb::bson::{Document, doc};

use crate::db::Db;
use crate::error::OrStoreError;
use crate::fields::Fields;
use crate::writes::Writes;

pub(crate) const INSTANCE: &str = "instance";

/// The keys.
pub(crate) const KEYS: &str = "keys";

/// Written by every change after which a working admin is one no more. Each such change leans on
/// another admin, whom it does not write: this document makes two of them meet.
const ADMINS: &str = "admins";

const PINGS: &str = "pings";
const COPY: &str = "copy";

/// Has one working admin less, as a part of another change.
pub(crate) fn lose_admin(writes: &mut Writes) {
    writes.upsert(
        INSTANCE,
        doc! {"_id": ADMINS},
        doc! {"$inc": {"lost": 1_i64}},
    );
}

/// See [`countersign_app::ports::Store::ping`]. Really writes: a disk that is full, a primary without
/// a majority, or a lack of privileges shows at nothing less.
pub(crate) async fn ping(db: &Db) -> StoreResult<()> {
    set(db, PINGS, doc! {"$inc": {"count": 1_i64}}).await
}

/// See [`countersign_app::ports::StoreAdmin::copy_mark`].
pub(crate) async fn copy_mark(db: &Db) -> StoreResult<Option<String>> {
    let Some(found) = db.one(INSTANCE, doc! {"_id": COPY}).await? else {
        return Ok(None);
    };
    let mark = Fields::of(&found).text_or_none("mark")?;
    Ok(mark.map(str::to_owned))
}

/// See [`countersign_app::ports::StoreAdmin::set_copy_mark`].
pub(crate) async fn set_copy_mark(db: &Db, mark: Option<&str>) -> StoreResult<()> {
    let update = if let Some(mark) = mark {
        doc! {"$set": {"mark": mark}}
    } else {
        doc! {"$unset": {"mark": ""}}
    };
    set(db, COPY, update).await
}

async fn set(db: &Db, name: &str, update: Document) -> StoreResult<()> {
    let collection = db.collection(INSTANCE);
    let written = collection
        .update_one(doc! {"_id": name}, update)
        .upsert(true);
    written.await.or_store_error()?;
    Ok(())
}
