//! Users with their roles: how they are read, alone or behind something that is theirs.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{LoginRecord, StoreResult};
use countersign_domain::id::UserId;
use countersign_domain::names::Identifier;
use countersign_domain::role::Account;
use countersign_store_rows::{AccountRows, password, role_columns, role_tables, user_columns};
use rusqlite::{Connection, Params, params};

use crate::cells::{Cells, Sqlite};
use crate::error::OrStoreError;

/// Runs a query that finds one thing and the account it belongs to. Its columns are those that
/// `head` reads, then [`user_columns`], then [`role_columns`].
pub(crate) fn first_with_account<T>(
    connection: &Connection,
    sql: &'static str,
    params: impl Params,
    head: impl FnOnce(&mut Cells<'_>) -> StoreResult<T>,
) -> StoreResult<Option<(T, Account)>> {
    let mut statement = connection.prepare_cached(sql).or_store_error()?;
    let mut rows = statement.query(params).or_store_error()?;
    let Some(row) = rows.next().or_store_error()? else {
        return Ok(None);
    };
    let mut found = AccountRows::begin::<Sqlite>(row, head)?;
    while let Some(row) = rows.next().or_store_error()? {
        found.add::<Sqlite>(row)?;
    }
    Ok(Some(found.done()))
}

/// An account by its id.
pub(crate) fn account(connection: &Connection, id: UserId) -> StoreResult<Option<Account>> {
    let found = first_with_account(
        connection,
        concat!(
            "SELECT ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM users u ",
            role_tables!(),
            " WHERE u.id = ?1"
        ),
        params![id.as_uuid()],
        |_| Ok(()),
    )?;
    Ok(found.map(|((), account)| account))
}

/// An account that was there a moment ago in the same transaction.
pub(crate) fn existing_account(connection: &Connection, id: UserId) -> StoreResult<Account> {
    account(connection, id)?
        .ok_or_else(|| StoreError::Corrupt("a user vanished within a change".to_owned()))
}

/// An account and its password hash, by what its owner logs in with.
pub(crate) fn login_record(
    connection: &Connection,
    identifier: &Identifier,
) -> StoreResult<Option<LoginRecord>> {
    let sql = match identifier {
        Identifier::Email(_) => login_record_sql!("u.email_key"),
        Identifier::Username(_) => login_record_sql!("u.username"),
    };
    one_login_record(connection, sql, params![identifier.key()])
}

/// The same by id.
pub(crate) fn login_record_by_id(
    connection: &Connection,
    id: UserId,
) -> StoreResult<Option<LoginRecord>> {
    one_login_record(connection, login_record_sql!("u.id"), params![id.as_uuid()])
}

macro_rules! login_record_sql {
    ($key:literal) => {
        concat!(
            "SELECT u.password, ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM users u ",
            role_tables!(),
            " WHERE ",
            $key,
            " = ?1"
        )
    };
}
use login_record_sql;

fn one_login_record(
    connection: &Connection,
    sql: &'static str,
    params: impl Params,
) -> StoreResult<Option<LoginRecord>> {
    let found = first_with_account(connection, sql, params, password)?;
    Ok(found.map(|(password, account)| LoginRecord { account, password }))
}
