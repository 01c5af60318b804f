//! Users with their roles: how they are read, alone or behind something that is theirs. One
//! statement each, so that a user and their roles are of one moment.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{LoginRecord, StoreResult};
use countersign_domain::description::Description;
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Identifier, Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, Role, RoleName, RoleNames};
use countersign_domain::user::{User, UserState};
use mysql_async::Row;

use crate::cells::Cells;
use crate::error::Fault;
use crate::link::{Answers, Link};
use crate::sql::Sql;

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

/// Reads the rows of a query for one thing and the account it belongs to. Its columns are those
/// that `head` reads, then [`user_columns`], then [`role_columns`].
pub(crate) fn first_with_account<T>(
    rows: &[Row],
    head: impl FnOnce(&mut Cells<'_>) -> StoreResult<T>,
) -> StoreResult<Option<(T, Account)>> {
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let mut cells = Cells::of(row);
    let head = head(&mut cells)?;
    let mut account = Account {
        user: user(&mut cells)?,
        roles: Vec::new(),
    };
    let place = cells.place();
    for row in rows {
        add_role(&mut Cells::at(row, place), &mut account)?;
    }
    // Rows have no order of their own.
    account.roles.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Some((head, account)))
}

/// Reads one of the rows that an account's roles come in.
pub(crate) fn add_role(cells: &mut Cells<'_>, account: &mut Account) -> StoreResult<()> {
    let Some(name) = cells.parsed_or_null::<RoleName>()? else {
        return Ok(());
    };
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

/// The query for an account by its id.
pub(crate) fn account_sql(id: UserId) -> Sql {
    Sql::new(
        concat!(
            "SELECT ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM users u ",
            role_tables!(),
            " WHERE u.id = ?"
        ),
        [id.into()],
    )
}

/// Its answer.
pub(crate) fn account_in(answers: &mut Answers) -> Result<Option<Account>, Fault> {
    let found = first_with_account(&answers.rows()?, |_| Ok(()))?;
    Ok(found.map(|((), account)| account))
}

/// The same for an account that was there a moment ago in the same transaction.
pub(crate) fn existing_account_in(answers: &mut Answers) -> Result<Account, Fault> {
    let vanished = || StoreError::Corrupt("a user vanished within a change".to_owned());
    Ok(account_in(answers)?.ok_or_else(vanished)?)
}

/// Keeps a user from being changed or deleted by anybody else until the transaction ends.
pub(crate) fn lock_sql(id: UserId) -> Sql {
    Sql::new("SELECT id FROM users WHERE id = ? FOR UPDATE", [id.into()])
}

/// See [`countersign_app::ports::Store::account`].
pub(crate) async fn account(link: &mut Link<'_>, id: UserId) -> Result<Option<Account>, Fault> {
    account_in(&mut link.read(account_sql(id)).await?)
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
            " = ?"
        )
    };
}

/// See [`countersign_app::ports::Store::login_record`].
pub(crate) async fn login_record(
    link: &mut Link<'_>,
    identifier: &Identifier,
) -> Result<Option<LoginRecord>, Fault> {
    let sql = match identifier {
        Identifier::Email(_) => login_record_sql!("u.email_key"),
        Identifier::Username(_) => login_record_sql!("u.username"),
    };
    let sql = Sql::new(sql, [identifier.key().into()]);
    login_record_in(&mut link.read(sql).await?)
}

/// The query for the same by id.
pub(crate) fn login_record_sql(id: UserId) -> Sql {
    Sql::new(login_record_sql!("u.id"), [id.into()])
}

/// Its answer.
pub(crate) fn login_record_in(answers: &mut Answers) -> Result<Option<LoginRecord>, Fault> {
    let found = first_with_account(&answers.rows()?, password)?;
    Ok(found.map(|(password, account)| LoginRecord { account, password }))
}

/// See [`countersign_app::ports::Store::login_record_by_id`].
pub(crate) async fn login_record_by_id(
    link: &mut Link<'_>,
    id: UserId,
) -> Result<Option<LoginRecord>, Fault> {
    login_record_in(&mut link.read(login_record_sql(id)).await?)
}

/// Reads a password hash.
pub(crate) fn password(cells: &mut Cells<'_>) -> StoreResult<Option<PasswordHash>> {
    Ok(cells.text_or_null()?.map(PasswordHash::from_stored))
}
