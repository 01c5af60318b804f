//! The keys: one item, so that version and keys are always of one moment.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ChangeKeys, KeysChanged, StoreResult};
use countersign_domain::keys::{KeyPurpose, KeyRecord, KeySet};
use countersign_domain::time::Timestamp;

use crate::audit;
use crate::cells::{Cells, Row, at, n, s};
use crate::layout::{self, Item};
use crate::service::Service;
use crate::transaction::About;

fn corrupt() -> StoreError {
    StoreError::Corrupt("the attribute keys can't be read".to_owned())
}

/// The item of a set of keys.
pub(crate) fn item(set: &KeySet) -> StoreResult<Item> {
    let keys = set
        .keys
        .iter()
        .map(write)
        .collect::<StoreResult<Vec<_>>>()?;
    Ok(Row::new(&layout::keys(), "keys")
        .with("version", n(set.version))
        .with("keys", AttributeValue::L(keys))
        .item())
}

fn write(key: &KeyRecord) -> StoreResult<AttributeValue> {
    let public = key.public.as_ref().map(serde_json::to_string).transpose();
    let public =
        public.map_err(|_| StoreError::Corrupt("a public key can't be written".to_owned()))?;
    let mut map = Item::from([
        ("id".to_owned(), s(key.id.as_str())),
        ("purpose".to_owned(), s(key.purpose.name())),
        (
            "sealed".to_owned(),
            AttributeValue::B(Blob::new(key.sealed.clone())),
        ),
        ("created_at".to_owned(), at(key.created_at)),
        ("active_from".to_owned(), at(key.active_from)),
    ]);
    let more = [
        ("public", public.map(s)),
        ("retired_at", key.retired_at.map(at)),
        ("dead_from", key.dead_from.map(at)),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            map.insert(name.to_owned(), value);
        }
    }
    Ok(AttributeValue::M(map))
}

fn read(value: &AttributeValue) -> StoreResult<KeyRecord> {
    let cells = Cells(value.as_m().map_err(|_| corrupt())?);
    let sealed = cells.0.get("sealed").and_then(|value| value.as_b().ok());
    let public = cells.text_or_null("public")?;
    Ok(KeyRecord {
        id: cells.parsed("id")?,
        purpose: cells.named("purpose", KeyPurpose::from_name)?,
        sealed: sealed.ok_or_else(corrupt)?.as_ref().to_vec(),
        public: public
            .map(|json| serde_json::from_str(json).map_err(|_| corrupt()))
            .transpose()?,
        created_at: cells.moment("created_at")?,
        active_from: cells.moment("active_from")?,
        retired_at: cells.moment_or_null("retired_at")?,
        dead_from: cells.moment_or_null("dead_from")?,
    })
}

impl Service {
    /// See [`countersign_app::ports::Store::keys`].
    pub async fn stored_keys(&self) -> StoreResult<KeySet> {
        let Some(item) = self.item(&layout::keys()).await? else {
            return Ok(KeySet::default());
        };
        let list = item.get("keys").and_then(|value| value.as_l().ok());
        let list = list.ok_or_else(corrupt)?;
        let mut keys = list.iter().map(read).collect::<StoreResult<Vec<_>>>()?;
        keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(KeySet {
            version: Cells(&item).number("version")?,
            keys,
        })
    }

    /// See [`countersign_app::ports::Store::change_keys`].
    pub async fn replace_keys(&self, intent: &ChangeKeys) -> StoreResult<KeysChanged> {
        let mut set = self.stored_keys().await?;
        if set.version != intent.expected_version {
            return Ok(KeysChanged::Stale);
        }
        let before = set.version;
        set.version = before.saturating_add(1);
        set.keys.extend(intent.add.iter().cloned());
        for (id, at, dead_from) in &intent.retire {
            for key in set.keys.iter_mut().filter(|key| key.id == *id) {
                retire(key, *at, *dead_from);
            }
        }
        set.keys.retain(|key| !intent.remove.contains(&key.id));
        let mut change = self.transaction();
        let (condition, of) = if before == 0 {
            ("attribute_not_exists(#pk)", Vec::new())
        } else {
            ("#version = :version", vec![(":version", n(before))])
        };
        change.put_if(About::Other, item(&set)?, condition, of)?;
        audit::insert(&mut change, &intent.event)?;
        Ok(if self.commit(change).await?.is_done() {
            KeysChanged::Changed
        } else {
            KeysChanged::Stale
        })
    }
}

fn retire(key: &mut KeyRecord, at: Timestamp, dead_from: Timestamp) {
    key.retired_at = Some(at);
    key.dead_from = Some(dead_from);
}
