//! How users come in: by signing up, or by import.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{
    Idempotency, ImportUser, Imported, SignUp, SignedUp, StoreResult,
};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::user::User;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::cells::Cells;
use crate::error::OrStoreError;
use crate::{audit, roles, sessions, standing};

/// See [`countersign_app::ports::Store::sign_up`].
pub(crate) fn sign_up(connection: &Connection, intent: &SignUp) -> StoreResult<SignedUp> {
    if let Some(lost) = standing::lost(connection, &intent.by, intent.event.at)? {
        return Ok(SignedUp::CallerLost(lost));
    }
    if let Some(idempotency) = &intent.idempotency
        && let Some(before) = repeated(connection, idempotency)?
    {
        return Ok(before);
    }
    let SignUp {
        by: _,
        user,
        password,
        session,
        idempotency,
        event,
    } = intent;
    if email_owner(connection, user.email.as_ref())?.is_some() {
        return Ok(SignedUp::EmailTaken);
    }
    if username_owner(connection, user.username.as_ref())?.is_some() {
        return Ok(SignedUp::UsernameTaken);
    }
    if roles::first_unknown(connection, &user.roles)?.is_some() {
        return Ok(SignedUp::UnknownRole);
    }
    insert(connection, user, password.as_ref())?;
    if let Some(session) = session {
        sessions::insert(connection, session)?;
    }
    if let Some(idempotency) = idempotency {
        remember(connection, idempotency, user.id)?;
    }
    audit::insert(connection, event)?;
    Ok(SignedUp::Created)
}

/// See [`countersign_app::ports::Store::import_users`]. Each user is checked before anything of
/// them is written, so none comes in half.
pub(crate) fn import(connection: &Connection, users: &[ImportUser]) -> StoreResult<Vec<Imported>> {
    users
        .iter()
        .map(|user| import_one(connection, user))
        .collect()
}

fn import_one(connection: &Connection, intent: &ImportUser) -> StoreResult<Imported> {
    let ImportUser {
        user,
        password,
        event,
    } = intent;
    if exists(connection, user.id)? {
        return Ok(Imported::AlreadyThere);
    }
    let by_email = email_owner(connection, user.email.as_ref())?;
    let by_username = username_owner(connection, user.username.as_ref())?;
    if let Some(owner) = by_email.or(by_username) {
        return if has_same_names(connection, owner, user)? {
            Ok(Imported::AlreadyThere)
        } else if by_email.is_some() {
            Ok(Imported::EmailTaken)
        } else {
            Ok(Imported::UsernameTaken)
        };
    }
    if roles::first_unknown(connection, &user.roles)?.is_some() {
        return Ok(Imported::UnknownRole);
    }
    insert(connection, user, password.as_ref())?;
    audit::insert(connection, event)?;
    Ok(Imported::Created)
}

fn exists(connection: &Connection, id: UserId) -> StoreResult<bool> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM users WHERE id = ?1")
        .or_store_error()?;
    statement.exists(params![id.as_uuid()]).or_store_error()
}

fn has_same_names(connection: &Connection, owner: Uuid, user: &User) -> StoreResult<bool> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM users WHERE id = ?1 AND email_key IS ?2 AND username IS ?3")
        .or_store_error()?;
    let email_key = user.email.as_ref().map(EmailAddress::key);
    let username = user.username.as_ref().map(Username::as_str);
    statement
        .exists(params![owner, email_key, username])
        .or_store_error()
}

/// Who has this e-mail address.
pub(crate) fn email_owner(
    connection: &Connection,
    email: Option<&EmailAddress>,
) -> StoreResult<Option<Uuid>> {
    let Some(email) = email else { return Ok(None) };
    owner(
        connection,
        "SELECT id FROM users WHERE email_key = ?1",
        email.key(),
    )
}

/// Who has this username.
pub(crate) fn username_owner(
    connection: &Connection,
    username: Option<&Username>,
) -> StoreResult<Option<Uuid>> {
    let Some(username) = username else {
        return Ok(None);
    };
    owner(
        connection,
        "SELECT id FROM users WHERE username = ?1",
        username.as_str(),
    )
}

fn owner(connection: &Connection, sql: &'static str, key: &str) -> StoreResult<Option<Uuid>> {
    let mut statement = connection.prepare_cached(sql).or_store_error()?;
    statement
        .query_row(params![key], |row| row.get(0))
        .optional()
        .or_store_error()
}

macro_rules! insert_sql {
    ($conflict:literal) => {
        concat!(
            "INSERT INTO users (id, username, email, email_key, email_verified, display_name,
                 state, scopes, created_at, updated_at, version, password)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            $conflict
        )
    };
}

fn insert(
    connection: &Connection,
    user: &User,
    password: Option<&PasswordHash>,
) -> StoreResult<()> {
    write(connection, insert_sql!(""), user, password)
}

/// Writes a user with their roles and password in place of the one with this id, if there is one.
/// Not by `REPLACE`, which would delete the user first, and with them all that is theirs.
pub(crate) fn put(
    connection: &Connection,
    user: &User,
    password: Option<&PasswordHash>,
) -> StoreResult<()> {
    connection
        .prepare_cached("DELETE FROM user_roles WHERE user_id = ?1")
        .or_store_error()?
        .execute(params![user.id.as_uuid()])
        .or_store_error()?;
    let sql = insert_sql!(
        " ON CONFLICT (id) DO UPDATE SET username = excluded.username, email = excluded.email,
              email_key = excluded.email_key, email_verified = excluded.email_verified,
              display_name = excluded.display_name, state = excluded.state,
              scopes = excluded.scopes, created_at = excluded.created_at,
              updated_at = excluded.updated_at, version = excluded.version,
              password = excluded.password"
    );
    write(connection, sql, user, password)
}

fn write(
    connection: &Connection,
    sql: &'static str,
    user: &User,
    password: Option<&PasswordHash>,
) -> StoreResult<()> {
    let version = i64::try_from(user.version)
        .map_err(|_| StoreError::Corrupt("the version of a user is out of range".to_owned()))?;
    connection
        .prepare_cached(sql)
        .or_store_error()?
        .execute(params![
            user.id.as_uuid(),
            user.username.as_ref().map(Username::as_str),
            user.email.as_ref().map(EmailAddress::as_str),
            user.email.as_ref().map(EmailAddress::key),
            user.email_verified,
            user.display_name.as_ref().map(Label::as_str),
            user.state.as_str(),
            user.scopes.to_string(),
            user.created_at.as_millis(),
            user.updated_at.as_millis(),
            version,
            password.map(PasswordHash::expose),
        ])
        .or_store_error()?;
    roles::grant(connection, user.id, &user.roles)
}

/// What a request with this idempotency key led to before, unless the key is forgotten.
fn repeated(connection: &Connection, new: &Idempotency) -> StoreResult<Option<SignedUp>> {
    let mut statement = connection
        .prepare_cached(
            "SELECT request, user_id FROM idempotency_keys WHERE key = ?1 AND expires_at > ?2",
        )
        .or_store_error()?;
    let mut rows = statement
        .query(params![new.key.as_bytes(), new.now.as_millis()])
        .or_store_error()?;
    let Some(row) = rows.next().or_store_error()? else {
        return Ok(None);
    };
    let mut cells = Cells::of(row);
    let request: [u8; 32] = cells.bytes()?;
    Ok(Some(if request == *new.request.as_bytes() {
        SignedUp::Repeated(UserId::from_uuid(cells.id()?))
    } else {
        SignedUp::KeyReused
    }))
}

/// Keeps an idempotency key.
pub(crate) fn remember(
    connection: &Connection,
    new: &Idempotency,
    user_id: UserId,
) -> StoreResult<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO idempotency_keys (key, request, user_id, expires_at)
             VALUES (?1, ?2, ?3, ?4)",
        )
        .or_store_error()?
        .execute(params![
            new.key.as_bytes(),
            new.request.as_bytes(),
            user_id.as_uuid(),
            new.expires_at.as_millis(),
        ])
        .or_store_error()?;
    Ok(())
}
