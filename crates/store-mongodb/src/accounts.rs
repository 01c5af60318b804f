//! Users with their roles: how they stand in a document, and how they are read, alone or behind
//! something that is theirs. A role's definition is joined in at each read, because a changed role
//! changes at once all who hold it.

use countersign_app::ports::store::{LoginRecord, StoreResult};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Identifier, Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, RoleName, RoleNames};
use countersign_domain::user::{User, UserState};
use mongodb::bson::{Document, doc};

use crate::change::Tx;
use crate::db::Db;
use crate::error::Fault;
use crate::fields::{Fields, corrupt};
use crate::roles::role;
use crate::values::{id, moment, number, put, texts};

pub(crate) const USERS: &str = "users";

/// A user as a document, with their password hash.
pub(crate) fn user_document(user: &User, password: Option<&PasswordHash>) -> Document {
    let mut document = doc! {
        "_id": id(user.id.as_uuid()),
        "email_verified": user.email_verified,
        "state": user.state.as_str(),
        "roles": held(&user.roles),
        "scopes": texts(user.scopes.iter().map(countersign_token::Scope::as_str)),
        "created_at": moment(user.created_at),
        "updated_at": moment(user.updated_at),
        "version": number(user.version),
    };
    let email = user.email.as_ref();
    put(
        &mut document,
        "username",
        user.username.as_ref().map(Username::as_str),
    );
    put(&mut document, "email", email.map(EmailAddress::as_str));
    put(&mut document, "email_key", email.map(EmailAddress::key));
    put(
        &mut document,
        "display_name",
        user.display_name.as_ref().map(Label::as_str),
    );
    put(
        &mut document,
        "password",
        password.map(PasswordHash::expose),
    );
    document
}

/// The roles that are stored: `user` has everybody unasked.
fn held(roles: &RoleNames) -> mongodb::bson::Bson {
    let stored = roles
        .iter()
        .filter(|name| name.is_admin() || !name.is_built_in());
    texts(stored.map(RoleName::as_str))
}

/// The update that writes a changed user, all but their password.
pub(crate) fn user_update(user: &User) -> Document {
    let mut set = user_document(user, None);
    set.remove("_id");
    let mut unset = Document::new();
    for name in ["username", "email", "email_key", "display_name"] {
        if !set.contains_key(name) {
            unset.insert(name, "");
        }
    }
    let mut update = doc! {"$set": set};
    if !unset.is_empty() {
        update.insert("$unset", unset);
    }
    update
}

/// Reads a user.
pub(crate) fn user(fields: Fields<'_>) -> StoreResult<User> {
    let email = fields.text_or_none("email")?;
    let email_key = fields.text_or_none("email_key")?;
    let roles = fields.texts("roles")?.into_iter().map(str::parse);
    Ok(User {
        id: UserId::from_uuid(fields.id("_id")?),
        username: fields.text_or_none("username")?.map(Username::from_stored),
        email: email
            .zip(email_key)
            .map(|(address, key)| EmailAddress::from_stored(address, key)),
        email_verified: fields.flag("email_verified")?,
        display_name: fields.text_or_none("display_name")?.map(Label::from_stored),
        state: fields.named("state", UserState::from_name)?,
        roles: roles
            .collect::<Result<_, _>>()
            .map_err(|_| corrupt("roles"))?,
        scopes: fields.scopes("scopes")?,
        created_at: fields.moment("created_at")?,
        updated_at: fields.moment("updated_at")?,
        version: fields.number("version")?,
    })
}

/// Joins in the definitions of the roles that the user at `path` (empty, or ending in a dot) holds.
pub(crate) fn join_definitions(path: &str) -> Document {
    doc! {"$lookup": {
        "from": "roles",
        "localField": format!("{path}roles"),
        "foreignField": "_id",
        "as": "definitions",
    }}
}

/// Joins in the user whom a document is of, and their roles; one without a user falls away.
pub(crate) fn join_account() -> [Document; 3] {
    [
        doc! {"$lookup": {
            "from": USERS, "localField": "user_id", "foreignField": "_id", "as": "user",
        }},
        doc! {"$unwind": "$user"},
        join_definitions("user."),
    ]
}

/// Reads the account of a user, given the document that the definitions are in.
pub(crate) fn account(of: Fields<'_>, joined: Fields<'_>) -> StoreResult<Account> {
    let roles = joined.each("definitions")?.into_iter().map(role);
    let mut roles = roles.collect::<StoreResult<Vec<_>>>()?;
    roles.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Account {
        user: user(of)?,
        roles,
    })
}

/// Reads what [`join_account`] joined in.
pub(crate) fn joined_account(document: &Document) -> StoreResult<Account> {
    let joined = Fields::of(document);
    account(joined.within("user")?, joined)
}

/// Reads an account and its password hash.
pub(crate) fn record(document: &Document) -> StoreResult<LoginRecord> {
    let fields = Fields::of(document);
    Ok(LoginRecord {
        account: account(fields, fields)?,
        password: password(fields)?,
    })
}

/// Reads a password hash.
pub(crate) fn password(fields: Fields<'_>) -> StoreResult<Option<PasswordHash>> {
    let hash = fields.text_or_none("password")?;
    Ok(hash.map(PasswordHash::from_stored))
}

fn one_account(filter: Document) -> Vec<Document> {
    vec![doc! {"$match": filter}, join_definitions("")]
}

/// See [`countersign_app::ports::Store::login_record`].
pub(crate) async fn login_record(
    db: &Db,
    identifier: &Identifier,
) -> StoreResult<Option<LoginRecord>> {
    let filter = match identifier {
        Identifier::Email(_) => doc! {"email_key": identifier.key()},
        Identifier::Username(_) => doc! {"username": identifier.key()},
    };
    let found = db.first(USERS, one_account(filter)).await?;
    found.as_ref().map(record).transpose()
}

/// See [`countersign_app::ports::Store::login_record_by_id`].
pub(crate) async fn login_record_by_id(
    db: &Db,
    user_id: UserId,
) -> StoreResult<Option<LoginRecord>> {
    let filter = doc! {"_id": id(user_id.as_uuid())};
    let found = db.first(USERS, one_account(filter)).await?;
    found.as_ref().map(record).transpose()
}

/// A user's document in a transaction, with the definitions of their roles and what `more` joins in.
pub(crate) async fn user_with(
    tx: &mut Tx<'_>,
    user_id: UserId,
    more: impl IntoIterator<Item = Document>,
) -> Result<Option<Document>, Fault> {
    let mut pipeline = one_account(doc! {"_id": id(user_id.as_uuid())});
    pipeline.extend(more);
    tx.first(USERS, pipeline).await
}
