//! Pages of users, filtered, and pages of users with their password hashes.

use std::collections::HashMap;

use countersign_app::ports::store::{LoginRecord, StoreResult, UserFilter};
use countersign_domain::page::{Page, PageRequest, after_all_with};
use countersign_domain::role::{Account, Role, RoleName};
use countersign_domain::user::User;
use countersign_store_rows::{password, user_and_role_names, user_columns};
use rusqlite::Connection;

use crate::error::OrStoreError;
use crate::pages::Listing;
use crate::roles;

macro_rules! user_with_roles {
    ($before:literal) => {
        concat!(
            "SELECT ",
            $before,
            user_columns!(),
            ", (SELECT group_concat(held.role, ' ') FROM user_roles held
                WHERE held.user_id = u.id)"
        )
    };
}
pub(crate) use user_with_roles;

/// See [`countersign_app::ports::Store::users`].
pub(crate) fn page(
    connection: &Connection,
    filter: &UserFilter,
    request: &PageRequest,
) -> StoreResult<Page<User>> {
    let mut listing = if let Some(role) = &filter.role {
        // Through those who hold the role, who come in the order of their ids.
        let select = concat!(
            user_with_roles!(""),
            " FROM user_roles holder CROSS JOIN users u ON u.id = holder.user_id"
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
        with_prefix(&mut listing, &prefix.to_lowercase());
    }
    listing.read(connection, user_and_role_names)
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
pub(crate) fn login_records(
    connection: &Connection,
    request: &PageRequest,
) -> StoreResult<Page<LoginRecord>> {
    // Users and definitions of one moment.
    let transaction = connection.unchecked_transaction().or_store_error()?;
    let defined: HashMap<RoleName, Role> = roles::all(&transaction)?
        .into_iter()
        .map(|role| (role.name.clone(), role))
        .collect();
    let select = concat!(user_with_roles!("u.password, "), " FROM users u");
    let page = Listing::new(select, "u.id", request).read(&transaction, |cells| {
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
    })?;
    transaction.commit().or_store_error()?;
    Ok(page)
}
