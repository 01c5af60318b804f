//! The instance's keys and the number that counts their changes.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ChangeKeys, KeysChanged, StoreResult};
use countersign_domain::keys::{KeyRecord, KeySet};
use countersign_domain::time::Timestamp;
use countersign_store_rows::add_key;
use rusqlite::{Connection, params};

use crate::audit;
use crate::cells::Cells;
use crate::error::OrStoreError;

/// See [`countersign_app::ports::Store::keys`]. One statement, so that version and keys belong
/// together.
pub(crate) fn all(connection: &Connection) -> StoreResult<KeySet> {
    let mut statement = connection
        .prepare_cached(
            "SELECT i.keys_version, k.id, k.purpose, k.sealed, k.public, k.created_at,
                 k.active_from, k.retired_at, k.dead_from
             FROM instance i LEFT JOIN keys k ORDER BY k.created_at, k.id",
        )
        .or_store_error()?;
    let mut rows = statement.query([]).or_store_error()?;
    let mut set = KeySet::default();
    while let Some(row) = rows.next().or_store_error()? {
        add_key(&mut set, &mut Cells::of(row))?;
    }
    Ok(set)
}

/// See [`countersign_app::ports::Store::change_keys`].
pub(crate) fn change(connection: &Connection, intent: &ChangeKeys) -> StoreResult<KeysChanged> {
    let Ok(expected) = i64::try_from(intent.expected_version) else {
        return Ok(KeysChanged::Stale);
    };
    let is_current = connection
        .prepare_cached(
            "UPDATE instance SET keys_version = keys_version + 1 WHERE keys_version = ?1",
        )
        .or_store_error()?
        .execute(params![expected])
        .or_store_error()?;
    if is_current == 0 {
        return Ok(KeysChanged::Stale);
    }
    for key in &intent.add {
        insert(connection, key)?;
    }
    for (id, at, dead_from) in &intent.retire {
        connection
            .prepare_cached("UPDATE keys SET retired_at = ?2, dead_from = ?3 WHERE id = ?1")
            .or_store_error()?
            .execute(params![id.as_str(), at.as_millis(), dead_from.as_millis()])
            .or_store_error()?;
    }
    for id in &intent.remove {
        connection
            .prepare_cached("DELETE FROM keys WHERE id = ?1")
            .or_store_error()?
            .execute(params![id.as_str()])
            .or_store_error()?;
    }
    audit::insert(connection, &intent.event)?;
    Ok(KeysChanged::Changed)
}

/// Puts a whole set of keys in place of the one that is there.
pub(crate) fn put(connection: &Connection, set: &KeySet) -> StoreResult<()> {
    let version = i64::try_from(set.version)
        .map_err(|_| StoreError::Corrupt("the version of the keys is out of range".to_owned()))?;
    connection
        .execute("DELETE FROM keys", [])
        .or_store_error()?;
    for key in &set.keys {
        insert(connection, key)?;
    }
    connection
        .execute("UPDATE instance SET keys_version = ?1", params![version])
        .or_store_error()?;
    Ok(())
}

fn insert(connection: &Connection, key: &KeyRecord) -> StoreResult<()> {
    let public = key
        .public
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(|_| StoreError::Corrupt("a public key can't be written".to_owned()))?;
    connection
        .prepare_cached(
            "INSERT INTO keys (id, purpose, sealed, public, created_at, active_from, retired_at,
                 dead_from)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )
        .or_store_error()?
        .execute(params![
            key.id.as_str(),
            key.purpose.name(),
            key.sealed,
            public,
            key.created_at.as_millis(),
            key.active_from.as_millis(),
            key.retired_at.map(Timestamp::as_millis),
            key.dead_from.map(Timestamp::as_millis),
        ])
        .or_store_error()?;
    Ok(())
}
