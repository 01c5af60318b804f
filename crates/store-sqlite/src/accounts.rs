//! Users with their roles: how they are read, alone or behind something that is theirs.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{LoginRecord, StoreResult};
use countersign_domain::description::Description;
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Identifier, Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, Role, RoleNames};
use countersign_domain::user::{User, UserState};
use rusqlite::{Connection, Params, params};

use crate::cells::Cells;
use crate::error::OrStoreError;

/// The columns of a user without their roles, from the table `u`, as [`user`] reads them.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.email_key, u.email_verified, u.display_name, u.state, u.scopes, \
         u.created_at, u.updated_at, u.version"
    };
}
pub(crate) use user_columns;

/// What follows the user's columns in a query for [`first_with_account`]: one row a role, with its
/// definition if it has a stored one.
macro_rules! role_columns {
    () => {
        "held.role, r.description, r.scopes"
    };
}
pub(crate) use role_columns;

/// The tables that [`role_columns`] come from.
macro_rules! role_tables {
    () => {
        "LEFT JOIN user_roles held ON held.user_id = u.id LEFT JOIN roles r ON r.name = held.role"
    };
}
pub(crate) use role_tables;

/// Reads a user, without their roles.
pub(crate) fn user(cells: &mut Cells<'_>) -> StoreResult<User> {
    Ok(User {
        id: UserId::from_uuid(cells.id()?),
        username: cells.text_or_null()?.map(Username::from_stored),
        email: email(cells)?,
        email_verified: cells.number::<u8>()? == 1,
        display_name: cells.text_or_null()?.map(Label::from_stored),
        state: cells.named(UserState::from_name)?,
        roles: RoleNames::new(),
        scopes: cells.scopes()?,
        created_at: cells.moment()?,
        updated_at: cells.moment()?,
        version: cells.number()?,
    })
}

fn email(cells: &mut Cells<'_>) -> StoreResult<Option<EmailAddress>> {
    match (cells.text_or_null()?, cells.text_or_null()?) {
        (Some(address), Some(key)) => Ok(Some(EmailAddress::from_stored(address, key))),
        (None, None) => Ok(None),
        _ => Err(StoreError::Corrupt(
            "a user has an e-mail address without a key, or a key without an address".to_owned(),
        )),
    }
}

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
    let mut cells = Cells::of(row);
    let head = head(&mut cells)?;
    let mut account = Account {
        user: user(&mut cells)?,
        roles: Vec::new(),
    };
    let place = cells.place();
    add_role(&mut cells, &mut account)?;
    while let Some(row) = rows.next().or_store_error()? {
        add_role(&mut Cells::at(row, place), &mut account)?;
    }
    Ok(Some((head, account)))
}

fn add_role(cells: &mut Cells<'_>, account: &mut Account) -> StoreResult<()> {
    let Some(name) = cells.text_or_null()? else {
        return Ok(());
    };
    let name = role_name(name)?;
    if let Some(description) = cells.text_or_null()? {
        let description = Description::from_stored(description);
        let scopes = cells.scopes()?;
        account.roles.push(Role {
            name: name.clone(),
            description,
            scopes,
        });
    }
    account.user.roles.insert(name);
    Ok(())
}

fn role_name(name: &str) -> StoreResult<countersign_domain::role::RoleName> {
    name.parse()
        .map_err(|_| StoreError::Corrupt("the name of a role can't be read".to_owned()))
}

/// Reads names separated by spaces, as `group_concat` gives them.
pub(crate) fn role_names(list: Option<&str>) -> StoreResult<RoleNames> {
    list.unwrap_or_default()
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(role_name)
        .collect()
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

/// Reads a password hash.
pub(crate) fn password(cells: &mut Cells<'_>) -> StoreResult<Option<PasswordHash>> {
    Ok(cells.text_or_null()?.map(PasswordHash::from_stored))
}
