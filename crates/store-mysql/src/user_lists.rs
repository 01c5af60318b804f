//! Pages of users, filtered, and pages of users with their password hashes. The page is cut first,
//! within the statement, and then joined with the roles of those on it, one row a role.

use countersign_app::ports::store::{LoginRecord, StoreResult, UserFilter};
use countersign_domain::page::{Page, PageRequest, after_all_with};
use countersign_domain::role::Account;
use countersign_domain::user::User;
use countersign_store_rows::{add_role, password, role_columns, role_tables, user, user_columns};
use mysql_async::Row;

use crate::cells::Cells;
use crate::error::Fault;
use crate::link::Link;
use crate::pages::{Listing, direction};
use crate::sql::Sql;

macro_rules! inner {
    ($tables:literal) => {
        concat!("SELECT u.password, ", user_columns!(), $tables)
    };
}

/// See [`countersign_app::ports::Store::users`].
pub(crate) async fn page(
    link: &mut Link<'_>,
    filter: &UserFilter,
    request: &PageRequest,
) -> Result<Page<User>, Fault> {
    let sql = with_roles(&filtered(filter, request).into_sql(), request);
    let records = login_records_in(&link.read(sql).await?.rows()?)?;
    let users = records.into_iter().map(|record| record.account.user);
    Ok(Page::from_rows(users.collect(), request))
}

/// The users asked for. Each way goes along one index, named where the engine might think otherwise.
fn filtered<'q>(filter: &UserFilter, request: &'q PageRequest) -> Listing<'q> {
    let prefix = filter.prefix.as_deref().filter(|prefix| !prefix.is_empty());
    let mut listing = if let Some(prefix) = prefix {
        let select = Sql::new(inner!(" FROM ("), [])
            .and_on(&with_prefix(&prefix.to_lowercase()))
            .push(") found STRAIGHT_JOIN users u ON u.id = found.id", []);
        Listing::of(select, "u.id", request)
    } else if filter.role.is_some() {
        // Through those who hold the role, who come in the order of their ids.
        Listing::new(
            inner!(
                " FROM user_roles holder FORCE INDEX (user_roles_by_role)
                  STRAIGHT_JOIN users u ON u.id = holder.user_id"
            ),
            "holder.user_id",
            request,
        )
    } else if filter.state.is_some() {
        Listing::new(
            inner!(" FROM users u FORCE INDEX (users_by_state)"),
            "u.id",
            request,
        )
    } else {
        Listing::new(inner!(" FROM users u"), "u.id", request)
    };
    match (&filter.role, prefix) {
        (Some(role), None) => listing.condition("holder.role = ?", [role.as_str().into()]),
        (Some(role), Some(_)) => listing.condition(
            "EXISTS (SELECT 1 FROM user_roles holder
                 WHERE holder.user_id = u.id AND holder.role = ?)",
            [role.as_str().into()],
        ),
        (None, _) => {}
    }
    if let Some(state) = filter.state {
        listing.condition("u.state = ?", [state.as_str().into()]);
    }
    listing
}

/// Finds those whose username or e-mail key begins with `prefix`, by two ranges of the unique
/// indexes: in a range no character is a wildcard.
fn with_prefix(prefix: &str) -> Sql {
    let end = after_all_with(prefix);
    let mut sql = Sql::new("SELECT id FROM users WHERE username >= ?", [prefix.into()]);
    if let Some(end) = &end {
        sql.add(" AND username < ?", [end.as_str().into()]);
    }
    sql.add(
        " UNION SELECT id FROM users WHERE email_key >= ?",
        [prefix.into()],
    );
    if let Some(end) = &end {
        sql.add(" AND email_key < ?", [end.as_str().into()]);
    }
    sql
}

/// Joins a page of users with their roles.
fn with_roles(page: &Sql, request: &PageRequest) -> Sql {
    Sql::new(
        concat!(
            "SELECT u.password, ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM ("
        ),
        [],
    )
    .and_on(page)
    .push(concat!(") u ", role_tables!(), " ORDER BY u.id"), [])
    .push(direction(request), [])
    .push(", held.role", [])
}

/// Reads rows that come user by user, one for each role.
pub(crate) fn login_records_in(rows: &[Row]) -> StoreResult<Vec<LoginRecord>> {
    let mut records: Vec<LoginRecord> = Vec::new();
    for row in rows {
        let mut cells = Cells::of(row);
        let password = password(&mut cells)?;
        let user = user(&mut cells)?;
        if let Some(last) = records.last_mut()
            && last.account.user.id == user.id
        {
            add_role(&mut cells, &mut last.account)?;
            continue;
        }
        let mut account = Account {
            user,
            roles: Vec::new(),
        };
        add_role(&mut cells, &mut account)?;
        records.push(LoginRecord { account, password });
    }
    Ok(records)
}

/// See [`countersign_app::ports::Store::login_records`].
pub(crate) async fn login_records(
    link: &mut Link<'_>,
    request: &PageRequest,
) -> Result<Page<LoginRecord>, Fault> {
    let listing = Listing::new(inner!(" FROM users u"), "u.id", request);
    let sql = with_roles(&listing.into_sql(), request);
    let records = login_records_in(&link.read(sql).await?.rows()?)?;
    Ok(Page::from_rows(records, request))
}

/// The query for users by key, in whole, to be copied.
pub(crate) fn records_sql(after: crate::sql::Literal, limit: u32) -> Sql {
    let all = PageRequest::forward(None, 1);
    let page = Sql::new(
        inner!(" FROM users u WHERE u.id > ? ORDER BY u.id LIMIT ?"),
        [after, limit.into()],
    );
    with_roles(&page, &all)
}
