//! Pages of users, filtered, and pages of users with their password hashes.

use countersign_app::ports::store::{LoginRecord, StoreResult, UserFilter};
use countersign_domain::page::{Page, PageRequest};
use countersign_domain::user::User;
use mongodb::bson::{Document, doc};

use crate::accounts::{USERS, join_definitions, record, user};
use crate::db::Db;
use crate::fields::Fields;
use crate::pages::Listing;

/// See [`countersign_app::ports::Store::users`].
pub(crate) async fn page(
    db: &Db,
    filter: &UserFilter,
    request: &PageRequest,
) -> StoreResult<Page<User>> {
    let mut listing = Listing::of(USERS, request);
    if let Some(role) = &filter.role {
        listing.require(doc! {"roles": role.as_str()});
    }
    if let Some(state) = filter.state {
        listing.require(doc! {"state": state.as_str()});
    }
    if let Some(prefix) = filter.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
        listing.require(with_prefix(&prefix.to_lowercase()));
    }
    listing
        .read(db, |document| user(Fields::of(document)))
        .await
}

/// Those whose username or e-mail key begins with `prefix`, by two ranges of the unique indexes: in a
/// range no character is a wildcard.
fn with_prefix(prefix: &str) -> Document {
    let mut range = doc! {"$gte": prefix};
    if let Some(end) = after_all_with(prefix) {
        range.insert("$lt", end);
    }
    doc! {"$or": [{"username": range.clone()}, {"email_key": range}]}
}

/// The least text that comes after every text beginning with `prefix`, in the order of code points,
/// which is that of UTF-8 and of BSON. `None` if there is none.
fn after_all_with(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // A range of characters steps over the surrogates by itself.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

/// See [`countersign_app::ports::Store::login_records`]. Users and definitions of one moment.
pub(crate) async fn login_records(
    db: &Db,
    request: &PageRequest,
) -> StoreResult<Page<LoginRecord>> {
    let listing = Listing::of(USERS, request);
    let pipeline = vec![
        doc! {"$match": listing.filter()},
        doc! {"$sort": listing.sort()},
        doc! {"$limit": listing.limit()},
        join_definitions(""),
    ];
    let found = db.all(USERS, pipeline).await?;
    let rows = found.iter().map(record).collect::<StoreResult<_>>()?;
    Ok(Page::from_rows(rows, request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_comes_right_after_all_that_begin_with_it() {
        for (prefix, end) in [
            ("a", Some("b")),
            ("50%", Some("50&")),
            ("a\u{10ffff}", Some("b")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("\u{10ffff}", None),
        ] {
            assert_eq!(after_all_with(prefix).as_deref(), end, "{prefix:?}");
        }
    }
}
