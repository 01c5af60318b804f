//! The instance's keys and the number that counts their changes.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ChangeKeys, KeysChanged, StoreResult};
use countersign_domain::keys::{KeyRecord, KeySet};
use countersign_store_rows::add_key;

use crate::audit;
use crate::cells::Cells;
use crate::connection::{Answer, Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::value::count;

/// The statement that reads version and keys: one, so that they belong together.
pub(crate) fn all_statement() -> Statement {
    sql!(
        "SELECT i.keys_version, k.id, k.purpose, k.sealed, k.public, k.created_at,
             k.active_from, k.retired_at, k.dead_from
         FROM instance i LEFT JOIN keys k ON true ORDER BY k.created_at, k.id"
    )
}

/// What [`all_statement`] found.
pub(crate) fn keys_in(answer: &Answer) -> StoreResult<KeySet> {
    let mut set = KeySet::default();
    for row in &answer.rows {
        add_key(&mut set, &mut Cells::of(row))?;
    }
    Ok(set)
}

/// See [`countersign_app::ports::Store::keys`].
pub(crate) async fn all(lease: &mut Lease) -> Result<KeySet, Fault> {
    Ok(keys_in(&lease.run(all_statement()).await?)?)
}

/// See [`countersign_app::ports::Store::change_keys`]. Counting up holds the version's row until the
/// end.
pub(crate) async fn change(lease: &mut Lease, intent: &ChangeKeys) -> Result<KeysChanged, Fault> {
    let Ok(expected) = i64::try_from(intent.expected_version) else {
        return Ok(KeysChanged::Stale);
    };
    let answers = lease
        .begin(vec![sql!(
            "UPDATE instance SET keys_version = keys_version + 1 WHERE keys_version = $1",
            expected
        )])
        .await?;
    if answers.first().is_none_or(|answer| answer.changed == 0) {
        lease.roll_back().await?;
        return Ok(KeysChanged::Stale);
    }
    let mut changes = Vec::new();
    for key in &intent.add {
        changes.push(insert(key)?);
    }
    for (id, at, dead_from) in &intent.retire {
        changes.push(sql!(
            "UPDATE keys SET retired_at = $2, dead_from = $3 WHERE id = $1",
            id.as_str(),
            *at,
            *dead_from
        ));
    }
    for id in &intent.remove {
        changes.push(sql!("DELETE FROM keys WHERE id = $1", id.as_str()));
    }
    changes.push(audit::insert(&intent.event)?);
    lease.commit(changes).await?;
    Ok(KeysChanged::Changed)
}

fn insert(key: &KeyRecord) -> StoreResult<Statement> {
    let public = key
        .public
        .as_ref()
        .map(serde_json::to_string)
        .transpose()
        .map_err(|_| StoreError::Corrupt("a public key can't be written".to_owned()))?;
    Ok(sql!(
        "INSERT INTO keys (id, purpose, sealed, public, created_at, active_from, retired_at,
             dead_from)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        key.id.as_str(),
        key.purpose.name(),
        key.sealed.clone(),
        public,
        key.created_at,
        key.active_from,
        key.retired_at,
        key.dead_from,
    ))
}

/// The statements that put these keys in the place of all there are.
pub(crate) fn replace(set: &KeySet) -> StoreResult<Vec<Statement>> {
    let mut statements = vec![
        sql!("UPDATE instance SET keys_version = $1", count(set.version)),
        sql!("DELETE FROM keys"),
    ];
    for key in &set.keys {
        statements.push(insert(key)?);
    }
    Ok(statements)
}
