//! Users with their roles: how they are read, alone or behind something that is theirs. One
//! statement each, so that a user and their roles are of one moment.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{LoginRecord, StoreResult};
use countersign_domain::id::UserId;
use countersign_domain::names::Identifier;
use countersign_domain::role::Account;
use countersign_store_rows::{password, role_columns, role_tables, user_columns};
use mysql_async::Row;

use crate::cells::Cells;
use crate::error::Fault;
use crate::link::{Answers, Link};
use crate::sql::Sql;

/// Reads the rows of a query for one thing and the account it belongs to.
pub(crate) fn first_with_account<T>(
    rows: &[Row],
    head: impl FnOnce(&mut Cells<'_>) -> StoreResult<T>,
) -> StoreResult<Option<(T, Account)>> {
    countersign_store_rows::first_with_account(rows, head)
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
