//! Users with their roles: how they are read, alone or behind something that is theirs.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{LoginRecord, StoreResult};
use countersign_domain::description::Description;
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Identifier, Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, Role, RoleName, RoleNames};
use countersign_domain::user::{User, UserState};
use tokio_postgres::Row;

use crate::cells::Cells;
use crate::connection::{Answer, Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;

/// The columns of a user without their roles, from the table `u`, as [`user`] reads them.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.email_key, u.email_verified, u.display_name, u.state, \
         u.scopes, u.created_at, u.updated_at, u.version"
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
        email_verified: cells.truth()?,
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
    let (address, key) = (cells.text_or_null()?, cells.text_or_null()?);
    Ok(address
        .zip(key)
        .map(|(address, key)| EmailAddress::from_stored(address, key)))
}

/// Reads the rows of a query that finds one thing and the account it belongs to. Its columns are
/// those that `head` reads, then [`user_columns`], then [`role_columns`].
pub(crate) fn first_with_account<T>(
    rows: &[Row],
    head: impl FnOnce(&mut Cells<'_>) -> StoreResult<T>,
) -> StoreResult<Option<(T, Account)>> {
    let Some((row, others)) = rows.split_first() else {
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
    for row in others {
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

fn role_name(name: &str) -> StoreResult<RoleName> {
    name.parse()
        .map_err(|_| StoreError::Corrupt("the name of a role can't be read".to_owned()))
}

/// Reads names separated by spaces.
pub(crate) fn role_names(list: Option<&str>) -> StoreResult<RoleNames> {
    list.unwrap_or_default()
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(role_name)
        .collect()
}

/// The statement that reads an account by its id.
pub(crate) fn account_statement(id: UserId) -> Statement {
    sql!(
        concat!(
            "SELECT ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM users u ",
            role_tables!(),
            " WHERE u.id = $1"
        ),
        id
    )
}

/// What [`account_statement`] found.
pub(crate) fn account_in(answer: &Answer) -> StoreResult<Option<Account>> {
    let found = first_with_account(&answer.rows, |_| Ok(()))?;
    Ok(found.map(|((), account)| account))
}

/// The same of the last of some answers, where the account must be there: it was a moment ago in
/// the same transaction.
pub(crate) fn existing_account_in(answers: &[Answer]) -> StoreResult<Account> {
    answers
        .last()
        .map_or(Ok(None), account_in)?
        .ok_or_else(|| StoreError::Corrupt("a user vanished within a change".to_owned()))
}

/// The statement that locks a user against other changes until the end of the transaction. What is
/// read after it, by a statement of its own, is what the user is then.
pub(crate) fn lock_statement(id: UserId) -> Statement {
    sql!("SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE", id)
}

/// An account by its id.
pub(crate) async fn account(lease: &mut Lease, id: UserId) -> Result<Option<Account>, Fault> {
    Ok(account_in(&lease.run(account_statement(id)).await?)?)
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
            " = $1"
        )
    };
}

/// An account and its password hash, by what its owner logs in with.
pub(crate) async fn login_record(
    lease: &mut Lease,
    identifier: &Identifier,
) -> Result<Option<LoginRecord>, Fault> {
    let text = match identifier {
        Identifier::Email(_) => login_record_sql!("u.email_key"),
        Identifier::Username(_) => login_record_sql!("u.username"),
    };
    let answer = lease.run(sql!(text, identifier.key())).await?;
    Ok(login_record_in(&answer)?)
}

/// The statement that reads the same by id.
pub(crate) fn login_record_statement(id: UserId) -> Statement {
    sql!(login_record_sql!("u.id"), id)
}

/// What [`login_record_statement`] found.
pub(crate) fn login_record_in(answer: &Answer) -> StoreResult<Option<LoginRecord>> {
    let found = first_with_account(&answer.rows, password)?;
    Ok(found.map(|(password, account)| LoginRecord { account, password }))
}

/// The same by id.
pub(crate) async fn login_record_by_id(
    lease: &mut Lease,
    id: UserId,
) -> Result<Option<LoginRecord>, Fault> {
    let answer = lease.run(login_record_statement(id)).await?;
    Ok(login_record_in(&answer)?)
}

/// Reads a password hash.
pub(crate) fn password(cells: &mut Cells<'_>) -> StoreResult<Option<PasswordHash>> {
    Ok(cells.text_or_null()?.map(PasswordHash::from_stored))
}
