//! Every record as it is, to be copied: read in batches by primary key, and put back where it was.
//! What a batch gives to go on with is the key of its last record, in hex.

use std::fmt::Write as _;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, IdempotencyRecord, Record, RecordKind};
use countersign_domain::id::UserId;
use countersign_domain::opaque::TokenHash;
use mysql_async::Row;

use crate::audit::{self, event_columns};
use crate::cells::Cells;
use crate::error::Fault;
use crate::imports;
use crate::link::Link;
use crate::personal_tokens::{self, token_columns};
use crate::sessions::{self, session_columns};
use crate::sql::{Literal, Sql};
use crate::{keys, roles, user_lists};

/// See [`countersign_app::ports::StoreAdmin::is_empty`].
pub(crate) async fn is_empty(link: &mut Link<'_>) -> Result<bool, Fault> {
    let sql = Sql::new(
        "SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM roles)
             OR EXISTS (SELECT 1 FROM sessions) OR EXISTS (SELECT 1 FROM personal_tokens)
             OR EXISTS (SELECT 1 FROM idempotency_keys)
             OR EXISTS (SELECT 1 FROM audit_events) OR EXISTS (SELECT 1 FROM key_records)
             OR EXISTS (SELECT 1 FROM instance WHERE keys_version > 0)",
        [],
    );
    Ok(first_number(&link.read(sql).await?.rows()?)? == Some(0))
}

/// See [`countersign_app::ports::StoreAdmin::estimate`]: what the engine thinks, which it looks up
/// now and then.
pub(crate) async fn estimate(link: &mut Link<'_>, kind: RecordKind) -> Result<Option<u64>, Fault> {
    let table = match kind {
        RecordKind::Role => "roles",
        RecordKind::User => "users",
        RecordKind::Session => "sessions",
        RecordKind::PersonalToken => "personal_tokens",
        RecordKind::IdempotencyKey => "idempotency_keys",
        RecordKind::AuditEvent => "audit_events",
        RecordKind::Keys => {
            let set = keys::all(link).await?;
            return Ok(Some(u64::from(set.version > 0)));
        }
    };
    let sql = Sql::new(
        "SELECT coalesce(table_rows, 0) FROM information_schema.tables
         WHERE table_schema = DATABASE() AND table_name = CONVERT(? USING utf8mb4)",
        [table.into()],
    );
    Ok(first_number(&link.read(sql).await?.rows()?)?)
}

fn first_number(rows: &[Row]) -> StoreResult<Option<u64>> {
    rows.first().map(|row| Cells::of(row).number()).transpose()
}

/// See [`countersign_app::ports::StoreAdmin::read_records`].
pub(crate) async fn read(
    link: &mut Link<'_>,
    kind: RecordKind,
    after: Option<&str>,
    limit: u32,
) -> Result<Batch, Fault> {
    // No id is as short as nothing.
    let after = Literal::from(key_of(after.unwrap_or_default())?.as_slice());
    let limit = limit.max(1);
    let page = [after.clone(), limit.into()];
    let (sql, read): (Sql, fn(&Row) -> StoreResult<Record>) = match kind {
        RecordKind::Role => (
            Sql::new(
                "SELECT name, description, scopes FROM roles WHERE name > ?
                 ORDER BY name LIMIT ?",
                page,
            ),
            |row| Ok(Record::Role(roles::role(row)?)),
        ),
        RecordKind::User => {
            let rows = link
                .read(user_lists::records_sql(after, limit))
                .await?
                .rows()?;
            let records = user_lists::login_records_in(&rows)?;
            let users = records
                .into_iter()
                .map(|record| Record::User(record.account.user, record.password));
            return Ok(batch(users.collect(), limit));
        }
        RecordKind::Session => (
            Sql::new(
                concat!(
                    "SELECT ",
                    session_columns!(),
                    " FROM sessions s WHERE s.id > ? ORDER BY s.id LIMIT ?"
                ),
                page,
            ),
            |row| Ok(Record::Session(sessions::one(row)?)),
        ),
        RecordKind::PersonalToken => (
            Sql::new(
                concat!(
                    "SELECT ",
                    token_columns!(),
                    " FROM personal_tokens t WHERE t.id > ? ORDER BY t.id LIMIT ?"
                ),
                page,
            ),
            |row| Ok(Record::PersonalToken(personal_tokens::one(row)?)),
        ),
        RecordKind::IdempotencyKey => (
            Sql::new(
                "SELECT key_hash, request, user_id, expires_at FROM idempotency_keys
                 WHERE key_hash > ? ORDER BY key_hash LIMIT ?",
                page,
            ),
            |row| Ok(Record::IdempotencyKey(idempotency(row)?)),
        ),
        RecordKind::AuditEvent => (
            Sql::new(
                concat!(
                    "SELECT ",
                    event_columns!(),
                    " FROM audit_events e WHERE e.id > ? ORDER BY e.id LIMIT ?"
                ),
                page,
            ),
            |row| Ok(Record::AuditEvent(audit::event(row)?)),
        ),
        RecordKind::Keys => {
            let set = keys::all(link).await?;
            let is_none = set.version == 0 && set.keys.is_empty();
            return Ok(Batch {
                records: if is_none {
                    Vec::new()
                } else {
                    vec![Record::Keys(set)]
                },
                next: None,
            });
        }
    };
    let rows = link.read(sql).await?.rows()?;
    let records = rows.iter().map(read).collect::<StoreResult<_>>()?;
    Ok(batch(records, limit))
}

fn idempotency(row: &Row) -> StoreResult<IdempotencyRecord> {
    let mut cells = Cells::of(row);
    Ok(IdempotencyRecord {
        key: TokenHash::from_bytes(cells.bytes()?),
        request: TokenHash::from_bytes(cells.bytes()?),
        user_id: UserId::from_uuid(cells.id()?),
        expires_at: cells.moment()?,
    })
}

fn batch(records: Vec<Record>, limit: u32) -> Batch {
    let is_full = records.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = records.last().filter(|_| is_full).map(cursor);
    Batch { records, next }
}

/// The primary key of a record, in hex.
fn cursor(record: &Record) -> String {
    let key: &[u8] = match record {
        Record::Role(role) => role.name.as_str().as_bytes(),
        Record::User(user, _) => user.id.as_uuid().as_bytes(),
        Record::Session(session) => session.id.as_uuid().as_bytes(),
        Record::PersonalToken(token) => token.id.as_uuid().as_bytes(),
        Record::IdempotencyKey(record) => record.key.as_bytes(),
        Record::AuditEvent(event) => event.id.as_uuid().as_bytes(),
        Record::Keys(_) => &[],
    };
    let mut hex = String::with_capacity(key.len() * 2);
    for byte in key {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn key_of(cursor: &str) -> StoreResult<Vec<u8>> {
    let not_a_key = || {
        let text = "the place to read on from is not one that this store gave";
        StoreError::Corrupt(text.to_owned())
    };
    let mut key = Vec::with_capacity(cursor.len() / 2);
    for pair in cursor.as_bytes().chunks(2) {
        let byte = std::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.len() == 2)
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        key.push(byte.ok_or_else(not_a_key)?);
    }
    Ok(key)
}

/// See [`countersign_app::ports::StoreAdmin::write_records`]. All of them are of one kind; users come
/// in one transaction, the others in statements that may be repeated.
pub(crate) async fn write(link: &mut Link<'_>, records: &[Record]) -> Result<(), Fault> {
    let mut sql = Sql::default();
    let users: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::User(user, password) => Some((user, password.as_ref())),
            _ => None,
        })
        .collect();
    if !users.is_empty() {
        imports::put(link, &users).await?;
    }
    for record in records {
        sql = sql.and(match record {
            Record::User(..) => Sql::default(),
            Record::Keys(set) => {
                keys::put(link, set).await?;
                Sql::default()
            }
            Record::Role(role) => roles::put_sql(std::slice::from_ref(role)),
            Record::Session(session) => sessions::put_sql(std::slice::from_ref(session))?,
            Record::PersonalToken(token) => personal_tokens::put_sql(std::slice::from_ref(token)),
            Record::IdempotencyKey(record) => put_idempotency_sql(record),
            Record::AuditEvent(event) => audit::put_sql(std::slice::from_ref(event))?,
        });
        if sql.len() > imports::TEXT_SIZE {
            link.transaction(std::mem::take(&mut sql)).await?;
        }
    }
    if !sql.is_empty() {
        link.transaction(sql).await?;
    }
    Ok(())
}

fn put_idempotency_sql(record: &IdempotencyRecord) -> Sql {
    Sql::new(
        "REPLACE INTO idempotency_keys (key_hash, request, user_id, expires_at)
         VALUES (?, ?, ?, ?)",
        [
            record.key.into(),
            record.request.into(),
            record.user_id.into(),
            record.expires_at.into(),
        ],
    )
}

/// See [`countersign_app::ports::StoreAdmin::copy_mark`].
pub(crate) async fn copy_mark(link: &mut Link<'_>) -> Result<Option<String>, Fault> {
    let sql = Sql::new("SELECT copy_mark FROM instance WHERE id = 1", []);
    let rows = link.read(sql).await?.rows()?;
    Ok(match rows.first() {
        Some(row) => Cells::of(row).text_or_null()?.map(str::to_owned),
        None => None,
    })
}

/// See [`countersign_app::ports::StoreAdmin::set_copy_mark`].
pub(crate) async fn set_copy_mark(link: &mut Link<'_>, mark: Option<&str>) -> Result<(), Fault> {
    let sql = Sql::new(
        "UPDATE instance SET copy_mark = ? WHERE id = 1",
        [mark.into()],
    );
    link.write(sql).await?;
    Ok(())
}
