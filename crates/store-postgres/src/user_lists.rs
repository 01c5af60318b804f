//! Pages of users, filtered, and pages of users with their password hashes.

use std::collections::HashMap;

use countersign_app::ports::store::{LoginRecord, StoreResult, UserFilter};
use countersign_domain::page::{Page, PageRequest, after_all_with};
use countersign_domain::role::{Account, Role, RoleName};
use countersign_domain::user::User;
use countersign_store_rows::{password, user_and_role_names, user_columns};

use crate::cells::Cells;
use crate::error::Fault;
use crate::pages::Listing;
use crate::pool::Lease;
use crate::roles;

/// The columns of a user, what comes before them, and the names of their roles.
macro_rules! user_with_roles {
    ($before:literal) => {
        concat!(
            "SELECT ",
            $before,
            user_columns!(),
            ", (SELECT string_agg(held.role, ' ') FROM user_roles held
                WHERE held.user_id = u.id) AS roles"
        )
    };
}
pub(crate) use user_with_roles;

/// The query for a page of users; `None` if none can match.
pub(crate) fn listing<'q>(filter: &UserFilter, request: &'q PageRequest) -> Option<Listing<'q>> {
    let mut listing = if let Some(role) = &filter.role {
        // Through those who hold the role, who come in the order of their ids.
        let select = concat!(
            user_with_roles!(""),
            " FROM user_roles holder JOIN users u ON u.id = holder.user_id"
        );
        let mut listing = Listing::new(select, "holder.user_id", request);
        listing.push("holder.role = ", role.as_str());
        listing
    } else {
        Listing::new(
            concat!(user_with_roles!(""), " FROM users u"),
            "u.id",
            request,
        )
    };
    if let Some(state) = filter.state {
        listing.push("u.state = ", state.as_str());
    }
    if let Some(prefix) = filter.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
        // No text in the database holds it, and none can be asked for.
        if prefix.contains('\0') {
            return None;
        }
        with_prefix(&mut listing, &prefix.to_lowercase());
    }
    Some(listing)
}

/// See [`countersign_app::ports::Store::users`].
pub(crate) async fn page(
    lease: &mut Lease,
    filter: &UserFilter,
    request: &PageRequest,
) -> Result<Page<User>, Fault> {
    match listing(filter, request) {
        Some(listing) => listing.read(lease, user_and_role_names).await,
        None => Ok(Page::from_rows(Vec::new(), request)),
    }
}

/// Keeps those whose username or e-mail key begins with `prefix`, by two ranges of the unique
/// indexes: in a range no character is a wildcard.
fn with_prefix(listing: &mut Listing<'_>, prefix: &str) {
    let end = after_all_with(prefix);
    listing.push("u.id IN (SELECT id FROM users WHERE username >= ", prefix);
    if let Some(end) = &end {
        listing.push_on(" AND username < ", end.as_str());
    }
    listing.push_on(
        " UNION ALL SELECT id FROM users WHERE email_key >= ",
        prefix,
    );
    if let Some(end) = &end {
        listing.push_on(" AND email_key < ", end.as_str());
    }
    listing.end(")");
}

/// See [`countersign_app::ports::Store::login_records`].
pub(crate) async fn login_records(
    lease: &mut Lease,
    request: &PageRequest,
) -> Result<Page<LoginRecord>, Fault> {
    // Users and definitions of one moment.
    let select = concat!(user_with_roles!("u.password, "), " FROM users u");
    let page = Listing::new(select, "u.id", request).statement();
    let answers = lease
        .transact_as(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            vec![roles::all_statement(), page],
        )
        .await?;
    let defined: HashMap<RoleName, Role> = answers
        .first()
        .map_or_else(|| Ok(Vec::new()), roles::roles_in)?
        .into_iter()
        .map(|role| (role.name.clone(), role))
        .collect();
    let rows = answers.iter().skip(1).flat_map(|answer| &answer.rows);
    let found = rows
        .map(|row| {
            let cells = &mut Cells::of(row);
            let password = password(cells)?;
            let user = user_and_role_names(cells)?;
            let roles = user
                .roles
                .iter()
                .filter_map(|name| defined.get(name).cloned())
                .collect();
            Ok(LoginRecord {
                account: Account { user, roles },
                password,
            })
        })
        .collect::<StoreResult<Vec<_>>>()?;
    Ok(Page::from_rows(found, request))
}
