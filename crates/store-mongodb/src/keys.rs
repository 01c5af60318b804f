//! The instance's keys: one document for all of them and the number that counts their changes, so that
//! a read has what belongs together and a change is guarded by that number.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ChangeKeys, KeysChanged, StoreResult};
use countersign_domain::keys::{KeyPurpose, KeyRecord, KeySet};
use countersign_token::KeyId;
use mongodb::bson::{Bson, Document, doc};

use crate::audit;
use crate::change::{Change, Step, Tx};
use crate::db::Db;
use crate::error::Fault;
use crate::fields::{Fields, corrupt};
use crate::instance::{INSTANCE, KEYS};
use crate::values::{bytes, moment, number, put};

/// See [`countersign_app::ports::Store::keys`].
pub(crate) async fn all(db: &Db) -> StoreResult<KeySet> {
    let found = db.one(INSTANCE, doc! {"_id": KEYS}).await?;
    found.as_ref().map_or(Ok(KeySet::default()), key_set)
}

/// Reads the document.
pub(crate) fn key_set(document: &Document) -> StoreResult<KeySet> {
    let fields = Fields::of(document);
    let keys = fields.each("keys")?.into_iter().map(key);
    let mut keys = keys.collect::<StoreResult<Vec<_>>>()?;
    keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(KeySet {
        version: fields.number("version")?,
        keys,
    })
}

fn key(fields: Fields<'_>) -> StoreResult<KeyRecord> {
    Ok(KeyRecord {
        id: fields.parsed::<KeyId>("id")?,
        purpose: fields.named("purpose", KeyPurpose::from_name)?,
        sealed: fields.blob("sealed")?.to_owned(),
        public: match fields.text_or_none("public")? {
            Some(json) => Some(serde_json::from_str(json).map_err(|_| corrupt("public"))?),
            None => None,
        },
        created_at: fields.moment("created_at")?,
        active_from: fields.moment("active_from")?,
        retired_at: fields.moment_or_none("retired_at")?,
        dead_from: fields.moment_or_none("dead_from")?,
    })
}

/// The keys as a document.
pub(crate) fn keys_document(set: &KeySet) -> StoreResult<Document> {
    let keys = set
        .keys
        .iter()
        .map(|key| key_document(key).map(Bson::Document));
    Ok(doc! {
        "_id": KEYS,
        "version": number(set.version),
        "keys": keys.collect::<StoreResult<Vec<_>>>()?,
    })
}

fn key_document(key: &KeyRecord) -> StoreResult<Document> {
    let public = key.public.as_ref().map(serde_json::to_string).transpose();
    let public =
        public.map_err(|_| StoreError::Corrupt("a public key can't be written".to_owned()))?;
    let mut document = doc! {
        "id": key.id.as_str(),
        "purpose": key.purpose.name(),
        "sealed": bytes(&key.sealed),
        "created_at": moment(key.created_at),
        "active_from": moment(key.active_from),
    };
    put(&mut document, "public", public);
    put(&mut document, "retired_at", key.retired_at.map(moment));
    put(&mut document, "dead_from", key.dead_from.map(moment));
    Ok(document)
}

impl Change for ChangeKeys {
    type Outcome = KeysChanged;

    /// What is read here is written here, so of two changes of one version one is rolled back; the
    /// first one ever is guarded by the unique key.
    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<KeysChanged>, Fault> {
        let found = tx.first(INSTANCE, vec![doc! {"$match": {"_id": KEYS}}]);
        let found = found.await?;
        let mut set = found.as_ref().map_or(Ok(KeySet::default()), key_set)?;
        if set.version != self.expected_version {
            return Ok(Step::Leave(KeysChanged::Stale));
        }
        for (id, at, dead_from) in &self.retire {
            for key in set.keys.iter_mut().filter(|key| key.id == *id) {
                (key.retired_at, key.dead_from) = (Some(*at), Some(*dead_from));
            }
        }
        set.keys.retain(|key| !self.remove.contains(&key.id));
        set.keys.extend(self.add.iter().cloned());
        set.version += 1;
        let mut writes = tx.writes();
        let document = keys_document(&set)?;
        if found.is_some() {
            writes.replace(INSTANCE, doc! {"_id": KEYS}, document);
        } else {
            writes.insert(INSTANCE, document);
        }
        audit::add(&mut writes, &self.event);
        tx.write(writes).await?;
        Ok(Step::Commit(KeysChanged::Changed))
    }
}
