//! Pages of users, filtered, and pages of users with their password hashes.

use countersign_app::ports::store::{LoginRecord, StoreResult, UserFilter};
use countersign_domain::page::{Page, PageRequest, after_all_with};
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
