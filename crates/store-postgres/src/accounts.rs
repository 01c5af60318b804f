//! Users with their roles: how they are read, alone or behind something that is theirs.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{LoginRecord, StoreResult};
use countersign_domain::id::UserId;
use countersign_domain::names::Identifier;
use countersign_domain::role::Account;
use countersign_store_rows::{password, role_columns, role_tables, user_columns};
use tokio_postgres::Row;

use crate::cells::Cells;
use crate::connection::{Answer, Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;

/// Reads the rows of a query for one thing and the account it belongs to.
pub(crate) fn first_with_account<T>(
    rows: &[Row],
    head: impl FnOnce(&mut Cells<'_>) -> StoreResult<T>,
) -> StoreResult<Option<(T, Account)>> {
    countersign_store_rows::first_with_account(rows, head)
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
