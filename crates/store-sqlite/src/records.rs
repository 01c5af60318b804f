//! Every record as it is, to be copied: read in batches by primary key, and put back where it was.
//! What a batch gives to go on with is the key of its last record, in hex.

use std::fmt::Write as _;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{Idempotency, StoreResult};
use countersign_app::ports::store_admin::{Batch, IdempotencyRecord, Record, RecordKind};
use countersign_domain::id::UserId;
use countersign_domain::opaque::TokenHash;
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::accounts::{password, user_columns};
use crate::cells::Cells;
use crate::error::OrStoreError;
use crate::personal_tokens::{self, token_columns};
use crate::sessions::{self, session_columns};
use crate::user_lists::{user_and_role_names, user_with_roles};
use crate::{audit, keys, new_users, roles};

/// See [`countersign_app::ports::StoreAdmin::is_empty`].
pub(crate) fn is_empty(connection: &Connection) -> StoreResult<bool> {
    connection
        .query_row(
            "SELECT NOT (EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM roles)
                 OR EXISTS (SELECT 1 FROM sessions) OR EXISTS (SELECT 1 FROM personal_tokens)
                 OR EXISTS (SELECT 1 FROM idempotency_keys)
                 OR EXISTS (SELECT 1 FROM audit_events) OR EXISTS (SELECT 1 FROM keys)
                 OR EXISTS (SELECT 1 FROM instance WHERE keys_version > 0))",
            [],
            |row| row.get(0),
        )
        .or_store_error()
}

/// See [`countersign_app::ports::StoreAdmin::estimate`]; here it is exact.
pub(crate) fn count(connection: &Connection, kind: RecordKind) -> StoreResult<u64> {
    let sql = match kind {
        RecordKind::Role => "SELECT count(*) FROM roles",
        RecordKind::User => "SELECT count(*) FROM users",
        RecordKind::Session => "SELECT count(*) FROM sessions",
        RecordKind::PersonalToken => "SELECT count(*) FROM personal_tokens",
        RecordKind::IdempotencyKey => "SELECT count(*) FROM idempotency_keys",
        RecordKind::AuditEvent => "SELECT count(*) FROM audit_events",
        RecordKind::Keys => "SELECT count(*) FROM instance WHERE keys_version > 0",
    };
    let count: i64 = connection
        .query_row(sql, [], |row| row.get(0))
        .or_store_error()?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// See [`countersign_app::ports::StoreAdmin::read_records`].
pub(crate) fn read(
    connection: &Connection,
    kind: RecordKind,
    after: Option<&str>,
    limit: u32,
) -> StoreResult<Batch> {
    let after = key_of(after.unwrap_or_default())?;
    let page = Page {
        connection,
        // No id is as short as this.
        after: Value::Blob(after.clone()),
        limit: limit.max(1),
    };
    match kind {
        RecordKind::Role => {
            let name = String::from_utf8(after).map_err(|_| not_a_key())?;
            let page = Page {
                after: Value::Text(name),
                ..page
            };
            let sql = "SELECT name, description, scopes FROM roles WHERE name > ?1
                       ORDER BY name LIMIT ?2";
            page.read(sql, |cells| Ok(Record::Role(roles::role(cells)?)))
        }
        RecordKind::User => {
            let sql = concat!(
                user_with_roles!("u.password, "),
                " FROM users u WHERE u.id > ?1 ORDER BY u.id LIMIT ?2"
            );
            page.read(sql, |cells| {
                let password = password(cells)?;
                Ok(Record::User(user_and_role_names(cells)?, password))
            })
        }
        RecordKind::Session => {
            let sql = concat!(
                "SELECT ",
                session_columns!(),
                " FROM sessions s WHERE s.id > ?1 ORDER BY s.id LIMIT ?2"
            );
            page.read(sql, |cells| Ok(Record::Session(sessions::session(cells)?)))
        }
        RecordKind::PersonalToken => {
            let sql = concat!(
                "SELECT ",
                token_columns!(),
                " FROM personal_tokens t WHERE t.id > ?1 ORDER BY t.id LIMIT ?2"
            );
            page.read(sql, |cells| {
                Ok(Record::PersonalToken(personal_tokens::token(cells)?))
            })
        }
        RecordKind::IdempotencyKey => {
            let sql = "SELECT key, request, user_id, expires_at FROM idempotency_keys
                       WHERE key > ?1 ORDER BY key LIMIT ?2";
            page.read(sql, |cells| Ok(Record::IdempotencyKey(idempotency(cells)?)))
        }
        RecordKind::AuditEvent => {
            let sql = concat!(
                audit::event_select!(),
                " WHERE e.id > ?1 ORDER BY e.id LIMIT ?2"
            );
            page.read(sql, |cells| Ok(Record::AuditEvent(audit::event(cells)?)))
        }
        RecordKind::Keys => {
            let set = keys::all(connection)?;
            let records = if set.version == 0 && set.keys.is_empty() {
                Vec::new()
            } else {
                vec![Record::Keys(set)]
            };
            Ok(Batch {
                records,
                next: None,
            })
        }
    }
}

fn idempotency(cells: &mut Cells<'_>) -> StoreResult<IdempotencyRecord> {
    Ok(IdempotencyRecord {
        key: TokenHash::from_bytes(cells.bytes()?),
        request: TokenHash::from_bytes(cells.bytes()?),
        user_id: UserId::from_uuid(cells.id()?),
        expires_at: cells.moment()?,
    })
}

/// What is asked for of one table.
struct Page<'c> {
    connection: &'c Connection,
    after: Value,
    limit: u32,
}

impl Page<'_> {
    fn read(
        self,
        sql: &'static str,
        read: impl Fn(&mut Cells<'_>) -> StoreResult<Record>,
    ) -> StoreResult<Batch> {
        let mut statement = self.connection.prepare_cached(sql).or_store_error()?;
        let mut rows = statement
            .query(params![self.after, self.limit])
            .or_store_error()?;
        let mut batch = Batch::default();
        while let Some(row) = rows.next().or_store_error()? {
            batch.records.push(read(&mut Cells::of(row))?);
        }
        if batch.records.len() >= usize::try_from(self.limit).unwrap_or(usize::MAX) {
            batch.next = batch.records.last().map(cursor);
        }
        Ok(batch)
    }
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

fn not_a_key() -> StoreError {
    StoreError::Corrupt("the place to read on from is not one that this store gave".to_owned())
}

/// See [`countersign_app::ports::StoreAdmin::write_records`].
pub(crate) fn write(connection: &Connection, records: &[Record]) -> StoreResult<()> {
    for record in records {
        match record {
            Record::Role(role) => roles::put(connection, role)?,
            Record::User(user, password) => new_users::put(connection, user, password.as_ref())?,
            Record::Session(session) => sessions::put(connection, session)?,
            Record::PersonalToken(token) => personal_tokens::put(connection, token)?,
            Record::IdempotencyKey(record) => {
                let IdempotencyRecord {
                    key,
                    request,
                    user_id,
                    expires_at,
                } = *record;
                let key = Idempotency {
                    key,
                    request,
                    now: expires_at,
                    expires_at,
                };
                new_users::remember(connection, &key, user_id)?;
            }
            Record::AuditEvent(event) => audit::put(connection, event)?,
            Record::Keys(set) => keys::put(connection, set)?,
        }
    }
    Ok(())
}

/// See [`countersign_app::ports::StoreAdmin::copy_mark`].
pub(crate) fn copy_mark(connection: &Connection) -> StoreResult<Option<String>> {
    connection
        .prepare_cached("SELECT copy_mark FROM instance")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .or_store_error()
}

/// See [`countersign_app::ports::StoreAdmin::set_copy_mark`].
pub(crate) fn set_copy_mark(connection: &Connection, mark: Option<&str>) -> StoreResult<()> {
    connection
        .prepare_cached("UPDATE instance SET copy_mark = ?1")
        .and_then(|mut statement| statement.execute(params![mark]))
        .or_store_error()?;
    Ok(())
}
