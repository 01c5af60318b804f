//! Every record as it is, to be copied: read in batches by primary key, and put back where it was.
//! What a batch gives to go on with is the key of its last record, in hex.

use countersign_app::ports::store::{Idempotency, StoreResult};
use countersign_app::ports::store_admin::{Batch, IdempotencyRecord, Record, RecordKind};
use countersign_store_rows::{
    event, idempotency, key_of, mark_of, not_a_mark, password, personal_token, role, session,
    session_columns, token_columns, user_and_role_names, user_columns,
};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use crate::cells::Cells;
use crate::error::OrStoreError;
use crate::personal_tokens::{self};
use crate::sessions::{self};
use crate::user_lists::user_with_roles;
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
            let name = String::from_utf8(after).map_err(|_| not_a_mark())?;
            let page = Page {
                after: Value::Text(name),
                ..page
            };
            let sql = "SELECT name, description, scopes FROM roles WHERE name > ?1
                       ORDER BY name LIMIT ?2";
            page.read(sql, |cells| Ok(Record::Role(role(cells)?)))
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
            page.read(sql, |cells| Ok(Record::Session(session(cells)?)))
        }
        RecordKind::PersonalToken => {
            let sql = concat!(
                "SELECT ",
                token_columns!(),
                " FROM personal_tokens t WHERE t.id > ?1 ORDER BY t.id LIMIT ?2"
            );
            page.read(sql, |cells| {
                Ok(Record::PersonalToken(personal_token(cells)?))
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
            page.read(sql, |cells| Ok(Record::AuditEvent(event(cells)?)))
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
            batch.next = batch.records.last().map(mark_of);
        }
        Ok(batch)
    }
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
