//! Every record as it is, to be copied: read in batches by primary key, and put back where it was.
//! What a batch gives to go on with is the key of its last record, in hex.

use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, IdempotencyRecord, Record, RecordKind};
use countersign_store_rows::{
    event, idempotency, key_of, mark_of, role, session_columns, token_columns,
};
use mysql_async::Row;

use crate::audit::{self, event_columns};
use crate::cells::Cells;
use crate::error::Fault;
use crate::imports;
use crate::link::Link;
use crate::personal_tokens::{self};
use crate::sessions::{self};
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
            |row| Ok(Record::Role(role(&mut Cells::of(row))?)),
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
            |row| Ok(Record::IdempotencyKey(idempotency(&mut Cells::of(row))?)),
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
            |row| Ok(Record::AuditEvent(event(&mut Cells::of(row))?)),
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

fn batch(records: Vec<Record>, limit: u32) -> Batch {
    let is_full = records.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = records.last().filter(|_| is_full).map(mark_of);
    Batch { records, next }
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
