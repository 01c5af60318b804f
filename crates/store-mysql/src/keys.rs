//! The instance's keys and the number that counts their changes.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ChangeKeys, KeysChanged, StoreResult};
use countersign_domain::keys::{KeyRecord, KeySet};
use countersign_store_rows::add_key;

use crate::audit;
use crate::cells::Cells;
use crate::error::Fault;
use crate::link::Link;
use crate::sql::{Sql, count};

/// See [`countersign_app::ports::Store::keys`]. One statement, so that version and keys belong
/// together.
pub(crate) async fn all(link: &mut Link<'_>) -> Result<KeySet, Fault> {
    let sql = Sql::new(
        "SELECT i.keys_version, k.id, k.purpose, k.sealed, k.public_part, k.created_at,
             k.active_from, k.retired_at, k.dead_from
         FROM instance i LEFT JOIN key_records k ON TRUE ORDER BY k.created_at, k.id",
        [],
    );
    let rows = link.read(sql).await?.rows()?;
    let mut set = KeySet::default();
    for row in &rows {
        add_key(&mut set, &mut Cells::of(row))?;
    }
    Ok(set)
}

/// See [`countersign_app::ports::Store::change_keys`].
pub(crate) async fn change(link: &mut Link<'_>, intent: &ChangeKeys) -> Result<KeysChanged, Fault> {
    let Ok(expected) = i64::try_from(intent.expected_version) else {
        return Ok(KeysChanged::Stale);
    };
    let sql = Sql::new(
        "UPDATE instance SET keys_version = keys_version + 1 WHERE id = 1 AND keys_version = ?",
        [expected.into()],
    );
    if link.begin(sql).await?.changed()? == 0 {
        return Ok(KeysChanged::Stale);
    }
    let mut sql = Sql::default();
    for key in &intent.add {
        sql = sql.and(insert_sql(key)?);
    }
    for (id, at, dead_from) in &intent.retire {
        sql = sql.then(
            "UPDATE key_records SET retired_at = ?, dead_from = ? WHERE id = ?",
            [(*at).into(), (*dead_from).into(), id.as_str().into()],
        );
    }
    for id in &intent.remove {
        sql = sql.then("DELETE FROM key_records WHERE id = ?", [id.as_str().into()]);
    }
    link.commit(sql.and(audit::insert_sql(&intent.event)?))
        .await?;
    Ok(KeysChanged::Changed)
}

/// Puts a whole set of keys in place of the one that is there.
pub(crate) async fn put(link: &mut Link<'_>, set: &KeySet) -> Result<(), Fault> {
    let version = count(set.version, "the version of the keys")?;
    let mut sql = Sql::new(
        "UPDATE instance SET keys_version = ? WHERE id = 1",
        [version],
    )
    .then("DELETE FROM key_records", []);
    for key in &set.keys {
        sql = sql.and(insert_sql(key)?);
    }
    link.transaction(sql).await?;
    Ok(())
}

fn insert_sql(key: &KeyRecord) -> StoreResult<Sql> {
    let public = key
        .public
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(|_| StoreError::Corrupt("a public key can't be written".to_owned()))?;
    Ok(Sql::new(
        "INSERT INTO key_records (id, purpose, sealed, public_part, created_at, active_from,
             retired_at, dead_from)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            key.id.as_str().into(),
            key.purpose.name().into(),
            key.sealed.as_slice().into(),
            public.into(),
            key.created_at.into(),
            key.active_from.into(),
            key.retired_at.into(),
            key.dead_from.into(),
        ],
    ))
}
