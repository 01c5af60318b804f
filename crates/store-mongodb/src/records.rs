//! Everything that a database holds, record by record, out and in.

use std::fmt::Write as _;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, IdempotencyRecord, Record, RecordKind};
use countersign_domain::id::UserId;
use countersign_domain::opaque::TokenHash;
use mongodb::bson::{Bson, Document, doc};
use uuid::Uuid;

use crate::accounts::{self, USERS};
use crate::audit::{self, EVENTS};
use crate::db::Db;
use crate::error::OrStoreError;
use crate::fields::Fields;
use crate::instance::{INSTANCE, KEYS};
use crate::keys;
use crate::personal_tokens::{self, TOKENS};
use crate::roles::{self, ROLES};
use crate::sessions::{self, SESSIONS};
use crate::sign_up::IDEMPOTENCY_KEYS;
use crate::values::{bytes, id, moment};
use crate::writes::Writes;

/// Where records of a kind are.
pub(crate) fn collection(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Role => ROLES,
        RecordKind::User => USERS,
        RecordKind::Session => SESSIONS,
        RecordKind::PersonalToken => TOKENS,
        RecordKind::IdempotencyKey => IDEMPOTENCY_KEYS,
        RecordKind::AuditEvent => EVENTS,
        RecordKind::Keys => INSTANCE,
    }
}

/// See [`countersign_app::ports::StoreAdmin::is_empty`].
pub(crate) async fn is_empty(db: &Db) -> StoreResult<bool> {
    for kind in RecordKind::ALL {
        let filter = match kind {
            RecordKind::Keys => doc! {"_id": KEYS},
            _ => Document::new(),
        };
        if db.one(collection(kind), filter).await?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// See [`countersign_app::ports::StoreAdmin::estimate`].
pub(crate) async fn estimate(db: &Db, kind: RecordKind) -> StoreResult<Option<u64>> {
    if kind == RecordKind::Keys {
        return Ok(Some(1));
    }
    let collection = db.collection(collection(kind));
    let count = collection.estimated_document_count().await;
    count.or_store_error().map(Some)
}

/// See [`countersign_app::ports::StoreAdmin::read_records`].
pub(crate) async fn read(
    db: &Db,
    kind: RecordKind,
    after: Option<&str>,
    limit: u32,
) -> StoreResult<Batch> {
    let mut filter = Document::new();
    if kind == RecordKind::Keys {
        filter.insert("_id", KEYS);
    } else if let Some(after) = after {
        filter.insert("_id", doc! {"$gt": place(kind, after)?});
    }
    let pipeline = vec![
        doc! {"$match": filter},
        doc! {"$sort": {"_id": 1}},
        doc! {"$limit": i64::from(limit.max(1))},
    ];
    let found = db.all(collection(kind), pipeline).await?;
    let is_full = kind != RecordKind::Keys && found.len() >= usize::try_from(limit).unwrap_or(0);
    let next = found.last().filter(|_| is_full).map(mark).transpose()?;
    let records = found.iter().map(|found| record(kind, found));
    Ok(Batch {
        records: records.collect::<StoreResult<_>>()?,
        next,
    })
}

/// The key of a document as a text.
fn mark(document: &Document) -> StoreResult<String> {
    match document.get("_id") {
        Some(Bson::String(name)) => Ok(name.clone()),
        Some(Bson::Binary(binary)) => {
            let mut text = String::with_capacity(binary.bytes.len() * 2);
            for byte in &binary.bytes {
                // Writing to a string does not fail.
                let _ = write!(text, "{byte:02x}");
            }
            Ok(text)
        }
        _ => Err(crate::fields::corrupt("_id")),
    }
}

/// The key that [`mark`] made a text of.
fn place(kind: RecordKind, mark: &str) -> StoreResult<Bson> {
    let unread = || StoreError::Corrupt("the mark of a copy can't be read".to_owned());
    if kind == RecordKind::Role {
        return Ok(Bson::from(mark));
    }
    let digits: Option<Vec<u32>> = mark.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.ok_or_else(unread)?;
    let key = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).map_err(|_| unread()),
        _ => Err(unread()),
    });
    let key = key.collect::<StoreResult<Vec<u8>>>()?;
    if kind == RecordKind::IdempotencyKey {
        return Ok(bytes(&key));
    }
    let uuid = Uuid::from_slice(&key).map_err(|_| unread())?;
    Ok(id(&uuid))
}

fn record(kind: RecordKind, document: &Document) -> StoreResult<Record> {
    let fields = Fields::of(document);
    Ok(match kind {
        RecordKind::Role => Record::Role(roles::role(fields)?),
        RecordKind::User => Record::User(accounts::user(fields)?, accounts::password(fields)?),
        RecordKind::Session => Record::Session(sessions::session(fields)?),
        RecordKind::PersonalToken => Record::PersonalToken(personal_tokens::token(fields)?),
        RecordKind::IdempotencyKey => Record::IdempotencyKey(IdempotencyRecord {
            key: TokenHash::from_bytes(fields.bytes("_id")?),
            request: TokenHash::from_bytes(fields.bytes("request")?),
            user_id: UserId::from_uuid(fields.id("user_id")?),
            expires_at: fields.moment("expires_at")?,
        }),
        RecordKind::AuditEvent => Record::AuditEvent(audit::event(document)?),
        RecordKind::Keys => Record::Keys(keys::key_set(document)?),
    })
}

/// See [`countersign_app::ports::StoreAdmin::write_records`]. Not one transaction: a copy that is broken
/// off is done again, and each record replaces itself.
pub(crate) async fn write(db: &Db, records: &[Record]) -> StoreResult<()> {
    let mut writes = Writes::to(db.database.name());
    for record in records {
        let document = record_document(record)?;
        let filter = doc! {"_id": document.get("_id").cloned().unwrap_or(Bson::Null)};
        writes.replace(collection(record.kind()), filter, document);
    }
    if writes.is_empty() {
        return Ok(());
    }
    let written = db.client.bulk_write(writes.into_models()).ordered(false);
    written.await.or_store_error()?;
    Ok(())
}

fn record_document(record: &Record) -> StoreResult<Document> {
    Ok(match record {
        Record::Role(role) => {
            let mut document = roles::definition(role);
            document.insert("_id", role.name.as_str());
            document
        }
        Record::User(user, password) => accounts::user_document(user, password.as_ref()),
        Record::Session(session) => sessions::session_document(session),
        Record::PersonalToken(token) => personal_tokens::token_document(token),
        Record::IdempotencyKey(record) => doc! {
            "_id": bytes(record.key.as_bytes()),
            "request": bytes(record.request.as_bytes()),
            "user_id": id(record.user_id.as_uuid()),
            "expires_at": moment(record.expires_at),
        },
        Record::AuditEvent(event) => audit::event_document(event),
        Record::Keys(set) => keys::keys_document(set)?,
    })
}
