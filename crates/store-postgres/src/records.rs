//! Everything the database holds, record by record: read by key, a batch at a time, and put where
//! it belongs.

use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::{Batch, Record, RecordKind};
use countersign_domain::keys::KeySet;
use countersign_store_rows::{
    event, idempotency, key_of, mark_of, not_a_mark, password, personal_token, role, session,
    session_columns, token_columns, user_and_role_names, user_columns,
};
use uuid::Uuid;

use crate::audit::event_columns;
use crate::cells::Cells;
use crate::connection::{Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::user_lists::user_with_roles;
use crate::value::Value;
use crate::{audit, keys, new_users, personal_tokens, roles, sessions};

/// See [`countersign_app::ports::StoreAdmin::read_records`]. The mark to go on from is the key of
/// the last record. `begin` begins a transaction that may take long.
pub(crate) async fn read(
    lease: &mut Lease,
    begin: &str,
    kind: RecordKind,
    after: Option<&str>,
    limit: u32,
) -> Result<Batch, Fault> {
    if kind == RecordKind::Keys {
        let answers = lease
            .transact_as(begin, vec![keys::all_statement()])
            .await?;
        let set = answers.first().map(keys::keys_in).transpose()?;
        let records = set
            .filter(|set| *set != KeySet::default())
            .map(Record::Keys);
        return Ok(Batch {
            records: records.into_iter().collect(),
            next: None,
        });
    }
    let answers = lease
        .transact_as(begin, vec![read_statement(kind, after, limit.max(1))?])
        .await?;
    let rows = answers.iter().flat_map(|answer| &answer.rows);
    let records = rows
        .map(|row| record(kind, &mut Cells::of(row)))
        .collect::<StoreResult<Vec<_>>>()?;
    let is_full = records.len() >= usize::try_from(limit.max(1)).unwrap_or(usize::MAX);
    let next = records.last().filter(|_| is_full).map(mark_of);
    Ok(Batch { records, next })
}

fn read_statement(kind: RecordKind, after: Option<&str>, limit: u32) -> StoreResult<Statement> {
    macro_rules! from_key {
        ($select:expr, $key:literal) => {
            (
                concat!($select, " ORDER BY ", $key, " LIMIT $1"),
                concat!(
                    $select,
                    " WHERE ",
                    $key,
                    " > $2 ORDER BY ",
                    $key,
                    " LIMIT $1"
                ),
            )
        };
    }
    let (first, next) = match kind {
        RecordKind::Role => from_key!(
            "SELECT r.name, r.description, r.scopes FROM roles r",
            "r.name"
        ),
        RecordKind::User => from_key!(
            concat!(user_with_roles!("u.password, "), " FROM users u"),
            "u.id"
        ),
        RecordKind::Session => from_key!(
            concat!("SELECT ", session_columns!(), " FROM sessions s"),
            "s.id"
        ),
        RecordKind::PersonalToken => from_key!(
            concat!("SELECT ", token_columns!(), " FROM personal_tokens t"),
            "t.id"
        ),
        RecordKind::IdempotencyKey => from_key!(
            "SELECT k.key, k.request, k.user_id, k.expires_at FROM idempotency_keys k",
            "k.key"
        ),
        RecordKind::AuditEvent | RecordKind::Keys => from_key!(
            concat!("SELECT ", event_columns!(), " FROM audit_events e"),
            "e.id"
        ),
    };
    Ok(match after {
        None => sql!(first, limit),
        Some(mark) => sql!(next, limit, mark_value(kind, mark)?),
    })
}

fn mark_value(kind: RecordKind, mark: &str) -> StoreResult<Value> {
    let key = key_of(mark)?;
    let value = match kind {
        RecordKind::Role => String::from_utf8(key).ok().map(Value::from),
        RecordKind::IdempotencyKey => Some(Value::from(key)),
        _ => Uuid::from_slice(&key).ok().map(Value::from),
    };
    value.ok_or_else(not_a_mark)
}

fn record(kind: RecordKind, cells: &mut Cells<'_>) -> StoreResult<Record> {
    Ok(match kind {
        RecordKind::Role => Record::Role(role(cells)?),
        RecordKind::User => {
            let password = password(cells)?;
            Record::User(user_and_role_names(cells)?, password)
        }
        RecordKind::Session => Record::Session(session(cells)?),
        RecordKind::PersonalToken => Record::PersonalToken(personal_token(cells)?),
        RecordKind::IdempotencyKey => Record::IdempotencyKey(idempotency(cells)?),
        RecordKind::AuditEvent | RecordKind::Keys => Record::AuditEvent(event(cells)?),
    })
}

/// See [`countersign_app::ports::StoreAdmin::write_records`]: one transaction. `begin` begins one
/// that may take long.
pub(crate) async fn write(lease: &mut Lease, begin: &str, records: &[Record]) -> Result<(), Fault> {
    if records.is_empty() {
        return Ok(());
    }
    let mut statements = Vec::with_capacity(records.len());
    for record in records {
        match record {
            Record::Role(role) => statements.push(roles::put(role)),
            Record::User(user, password) => {
                statements.push(new_users::put(user, password.as_ref()));
                statements.push(roles::revoke_all(user.id));
                statements.extend(new_users::grants(user.id, &user.roles));
            }
            Record::Session(session) => statements.push(sessions::put(session)?),
            Record::PersonalToken(token) => statements.push(personal_tokens::put(token)),
            Record::IdempotencyKey(record) => statements.push(sql!(
                "INSERT INTO idempotency_keys (key, request, user_id, expires_at)
                 VALUES ($1, $2, $3, $4)
                 ON CONFLICT (key) DO UPDATE SET request = EXCLUDED.request,
                     user_id = EXCLUDED.user_id, expires_at = EXCLUDED.expires_at",
                &record.key,
                &record.request,
                record.user_id,
                record.expires_at
            )),
            Record::AuditEvent(event) => statements.push(audit::put(event)?),
            Record::Keys(set) => statements.extend(keys::replace(set)?),
        }
    }
    lease.transact_as(begin, statements).await?;
    Ok(())
}

/// See [`countersign_app::ports::StoreAdmin::is_empty`].
pub(crate) async fn are_none(lease: &mut Lease) -> Result<bool, Fault> {
    let answer = lease
        .run(sql!(
            "SELECT NOT (EXISTS (SELECT 1 FROM roles) OR EXISTS (SELECT 1 FROM users)
                 OR EXISTS (SELECT 1 FROM sessions) OR EXISTS (SELECT 1 FROM personal_tokens)
                 OR EXISTS (SELECT 1 FROM idempotency_keys)
                 OR EXISTS (SELECT 1 FROM audit_events) OR EXISTS (SELECT 1 FROM keys)
                 OR EXISTS (SELECT 1 FROM instance WHERE keys_version <> 0))"
        ))
        .await?;
    let row = answer.rows.first();
    Ok(row.map_or(Ok(false), |row| Cells::of(row).truth())?)
}

/// See [`countersign_app::ports::StoreAdmin::estimate`].
pub(crate) async fn estimate(
    lease: &mut Lease,
    schema: &str,
    kind: RecordKind,
) -> Result<Option<u64>, Fault> {
    if kind == RecordKind::Keys {
        return Ok(Some(1));
    }
    let answer = lease
        .run(sql!(
            "SELECT c.reltuples::bigint FROM pg_catalog.pg_class c
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = $1::text AND c.relname = $2::text",
            schema,
            kind.as_str()
        ))
        .await?;
    let row = answer.rows.first();
    let number = row.map_or(Ok(None), |row| Cells::of(row).integer_or_null())?;
    // Zero or less: never counted.
    let counted = number.filter(|number| *number > 0);
    Ok(counted.and_then(|number| u64::try_from(number).ok()))
}

/// See [`countersign_app::ports::StoreAdmin::copy_mark`].
pub(crate) async fn copy_mark(lease: &mut Lease) -> Result<Option<String>, Fault> {
    let answer = lease.run(sql!("SELECT copy_mark FROM instance")).await?;
    let Some(row) = answer.rows.first() else {
        return Ok(None);
    };
    Ok(Cells::of(row).text_or_null()?.map(str::to_owned))
}

/// See [`countersign_app::ports::StoreAdmin::set_copy_mark`].
pub(crate) async fn set_copy_mark(lease: &mut Lease, mark: Option<&str>) -> Result<(), Fault> {
    lease
        .run(sql!("UPDATE instance SET copy_mark = $1", mark))
        .await?;
    Ok(())
}
