//! The keys and their version.

use countersign_app::ports::store::StoreResult;
use countersign_domain::keys::{KeyPurpose, KeyRecord, KeySet};

use crate::cells::{Cells, Driver};

/// Reads a row of a query for the version of the keys and for all keys: the version, then the key's
/// id, which is `NULL` if there are none, purpose, sealed and public part, and when it was made,
/// becomes active, was retired, and is dead.
pub fn add_key<D: Driver>(set: &mut KeySet, cells: &mut Cells<'_, D>) -> StoreResult<()> {
    set.version = cells.number()?;
    let Some(id) = cells.parsed_or_null()? else {
        return Ok(());
    };
    set.keys.push(KeyRecord {
        id,
        purpose: cells.named(KeyPurpose::from_name)?,
        sealed: cells.blob()?.to_owned(),
        public: cells.named_or_null(|json| serde_json::from_str(json).ok())?,
        created_at: cells.moment()?,
        active_from: cells.moment()?,
        retired_at: cells.moment_or_null()?,
        dead_from: cells.moment_or_null()?,
    });
    Ok(())
}
