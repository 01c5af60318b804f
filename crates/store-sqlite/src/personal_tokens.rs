//! Personal access tokens.

use countersign_app::ports::store::{CreatePersonalToken, PersonalTokenCreated, StoreResult};
use countersign_domain::audit::AuditEvent;
use countersign_domain::gate::may_issue;
use countersign_domain::id::{PersonalTokenId, UserId};
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::Account;
use countersign_domain::time::Timestamp;
use countersign_store_rows::{
    personal_token, role_columns, role_tables, token_columns, user_columns,
};
use rusqlite::{Connection, params};

use crate::accounts::{account, first_with_account};
use crate::audit;
use crate::cells::Cells;
use crate::error::OrStoreError;
use crate::standing;

/// See [`countersign_app::ports::Store::personal_token`].
pub(crate) fn token_with_account(
    connection: &Connection,
    id: PersonalTokenId,
) -> StoreResult<Option<(PersonalToken, Account)>> {
    first_with_account(
        connection,
        concat!(
            "SELECT ",
            token_columns!(),
            ", ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM personal_tokens t JOIN users u ON u.id = t.user_id ",
            role_tables!(),
            " WHERE t.id = ?1"
        ),
        params![id.as_uuid()],
        personal_token,
    )
}

/// See [`countersign_app::ports::Store::live_personal_tokens`].
pub(crate) fn live(
    connection: &Connection,
    user_id: UserId,
    now: Timestamp,
) -> StoreResult<Vec<PersonalToken>> {
    let mut statement = connection
        .prepare_cached(concat!(
            "SELECT ",
            token_columns!(),
            " FROM personal_tokens t
             WHERE t.user_id = ?1 AND t.revoked_at IS NULL AND t.expires_at > ?2
             ORDER BY t.created_at DESC, t.id DESC"
        ))
        .or_store_error()?;
    let mut rows = statement
        .query(params![user_id.as_uuid(), now.as_millis()])
        .or_store_error()?;
    let mut tokens = Vec::new();
    while let Some(row) = rows.next().or_store_error()? {
        tokens.push(personal_token(&mut Cells::of(row))?);
    }
    Ok(tokens)
}

/// See [`countersign_app::ports::Store::create_personal_token`]. The present moment is the token's
/// beginning.
pub(crate) fn create(
    connection: &Connection,
    intent: &CreatePersonalToken,
) -> StoreResult<PersonalTokenCreated> {
    if let Some(lost) = standing::lost(connection, &intent.by, intent.event.at)? {
        return Ok(PersonalTokenCreated::CallerLost(lost));
    }
    let token = &intent.token;
    let Some(account) = account(connection, token.user_id)? else {
        return Ok(PersonalTokenCreated::NotFound);
    };
    if let Err(refusal) = may_issue(&account.user, None, token.created_at) {
        return Ok(PersonalTokenCreated::Refused(refusal));
    }
    let live: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM personal_tokens
             WHERE user_id = ?1 AND revoked_at IS NULL AND expires_at > ?2",
        )
        .or_store_error()?
        .query_row(
            params![token.user_id.as_uuid(), token.created_at.as_millis()],
            |r| r.get(0),
        )
        .or_store_error()?;
    if live >= i64::from(intent.max_tokens) {
        return Ok(PersonalTokenCreated::TooMany);
    }
    insert(connection, token)?;
    audit::insert(connection, &intent.event)?;
    Ok(PersonalTokenCreated::Created)
}

macro_rules! write_sql {
    ($verb:literal) => {
        concat!(
            $verb,
            " INTO personal_tokens (id, user_id, name, scopes, hash, created_at, expires_at,
                 last_used_at, revoked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        )
    };
}

fn insert(connection: &Connection, token: &PersonalToken) -> StoreResult<()> {
    write(connection, write_sql!("INSERT"), token)
}

/// Writes a token in place of the one with its id, if there is one.
pub(crate) fn put(connection: &Connection, token: &PersonalToken) -> StoreResult<()> {
    write(connection, write_sql!("INSERT OR REPLACE"), token)
}

fn write(connection: &Connection, sql: &'static str, token: &PersonalToken) -> StoreResult<()> {
    connection
        .prepare_cached(sql)
        .or_store_error()?
        .execute(params![
            token.id.as_uuid(),
            token.user_id.as_uuid(),
            token.name.as_str(),
            token.scopes.to_string(),
            token.hash.as_bytes(),
            token.created_at.as_millis(),
            token.expires_at.as_millis(),
            token.last_used_at.map(Timestamp::as_millis),
            token.revoked_at.map(Timestamp::as_millis),
        ])
        .or_store_error()?;
    Ok(())
}

/// See [`countersign_app::ports::Store::revoke_personal_token`].
pub(crate) fn revoke(
    connection: &Connection,
    user_id: UserId,
    id: PersonalTokenId,
    now: Timestamp,
    event: &AuditEvent,
) -> StoreResult<bool> {
    let revoked = connection
        .prepare_cached(
            "UPDATE personal_tokens SET revoked_at = ?3
             WHERE id = ?1 AND user_id = ?2 AND revoked_at IS NULL AND expires_at > ?3",
        )
        .or_store_error()?
        .execute(params![id.as_uuid(), user_id.as_uuid(), now.as_millis()])
        .or_store_error()?;
    if revoked > 0 {
        audit::insert(connection, event)?;
    }
    Ok(revoked > 0)
}

/// Revokes all tokens of a user, as a part of another change.
pub(crate) fn revoke_all(
    connection: &Connection,
    user_id: UserId,
    now: Timestamp,
) -> StoreResult<()> {
    connection
        .prepare_cached(
            "UPDATE personal_tokens SET revoked_at = ?2 WHERE user_id = ?1 AND revoked_at IS NULL",
        )
        .or_store_error()?
        .execute(params![user_id.as_uuid(), now.as_millis()])
        .or_store_error()?;
    Ok(())
}

/// See [`countersign_app::ports::Store::note_personal_token_use`].
pub(crate) fn note_use(
    connection: &Connection,
    id: PersonalTokenId,
    now: Timestamp,
    event: &AuditEvent,
) -> StoreResult<()> {
    let found = token_with_account(connection, id)?;
    if !found.is_some_and(|(token, _)| token.wants_use_noted(now)) {
        return Ok(());
    }
    connection
        .prepare_cached("UPDATE personal_tokens SET last_used_at = ?2 WHERE id = ?1")
        .or_store_error()?
        .execute(params![id.as_uuid(), now.as_millis()])
        .or_store_error()?;
    audit::insert(connection, event)
}
