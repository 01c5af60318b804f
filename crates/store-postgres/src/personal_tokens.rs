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

use crate::accounts::{account_in, account_statement, first_with_account, lock_statement};
use crate::audit;
use crate::cells::Cells;
use crate::connection::{Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::standing;

/// The statement that reads a token and its account.
pub(crate) fn token_statement(id: PersonalTokenId) -> Statement {
    sql!(
        concat!(
            "SELECT ",
            token_columns!(),
            ", ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM personal_tokens t JOIN users u ON u.id = t.user_id ",
            role_tables!(),
            " WHERE t.id = $1"
        ),
        id
    )
}

/// See [`countersign_app::ports::Store::personal_token`].
pub(crate) async fn token_with_account(
    lease: &mut Lease,
    id: PersonalTokenId,
) -> Result<Option<(PersonalToken, Account)>, Fault> {
    let answer = lease.run(token_statement(id)).await?;
    Ok(first_with_account(&answer.rows, personal_token)?)
}

/// See [`countersign_app::ports::Store::live_personal_tokens`].
pub(crate) async fn live(
    lease: &mut Lease,
    user_id: UserId,
    now: Timestamp,
) -> Result<Vec<PersonalToken>, Fault> {
    let answer = lease
        .run(sql!(
            concat!(
                "SELECT ",
                token_columns!(),
                " FROM personal_tokens t
                 WHERE t.user_id = $1 AND t.revoked_at IS NULL AND t.expires_at > $2
                 ORDER BY t.created_at DESC, t.id DESC"
            ),
            user_id,
            now
        ))
        .await?;
    let rows = answer.rows.iter();
    Ok(rows
        .map(|row| personal_token(&mut Cells::of(row)))
        .collect::<StoreResult<_>>()?)
}

/// See [`countersign_app::ports::Store::create_personal_token`]. The present moment is the token's
/// beginning. The user is locked while their tokens are counted.
pub(crate) async fn create(
    lease: &mut Lease,
    intent: &CreatePersonalToken,
) -> Result<PersonalTokenCreated, Fault> {
    let token = &intent.token;
    let answers = lease
        .begin(vec![
            lock_statement(token.user_id),
            account_statement(token.user_id),
            sql!(
                "SELECT count(*) FROM personal_tokens
                 WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2",
                token.user_id,
                token.created_at
            ),
        ])
        .await?;
    if let Some(lost) = standing::lost(lease, &intent.by, intent.event.at).await? {
        lease.roll_back().await?;
        return Ok(PersonalTokenCreated::CallerLost(lost));
    }
    let account = answers.get(1).map(account_in).transpose()?.flatten();
    let count = answers.last().and_then(|answer| answer.rows.first());
    let live: i64 = count.map_or(Ok(0), |row| Cells::of(row).number())?;
    let refused = match account {
        None => Some(PersonalTokenCreated::NotFound),
        Some(account) => match may_issue(&account.user, None, token.created_at) {
            Err(refusal) => Some(PersonalTokenCreated::Refused(refusal)),
            Ok(()) if live >= i64::from(intent.max_tokens) => Some(PersonalTokenCreated::TooMany),
            Ok(()) => None,
        },
    };
    if let Some(refused) = refused {
        lease.roll_back().await?;
        return Ok(refused);
    }
    lease
        .commit(vec![insert(token), audit::insert(&intent.event)?])
        .await?;
    Ok(PersonalTokenCreated::Created)
}

macro_rules! insert_token {
    () => {
        "INSERT INTO personal_tokens (id, user_id, name, scopes, hash, created_at, expires_at, \
         last_used_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    };
}

fn insert(token: &PersonalToken) -> Statement {
    write(insert_token!(), token)
}

/// The statement that writes a token, which may be there already.
pub(crate) fn put(token: &PersonalToken) -> Statement {
    write(
        concat!(
            insert_token!(),
            " ON CONFLICT (id) DO UPDATE SET user_id = EXCLUDED.user_id, name = EXCLUDED.name,
             scopes = EXCLUDED.scopes, hash = EXCLUDED.hash, created_at = EXCLUDED.created_at,
             expires_at = EXCLUDED.expires_at, last_used_at = EXCLUDED.last_used_at,
             revoked_at = EXCLUDED.revoked_at"
        ),
        token,
    )
}

fn write(text: &'static str, token: &PersonalToken) -> Statement {
    sql!(
        text,
        token.id,
        token.user_id,
        token.name.as_str(),
        token.scopes.to_string(),
        &token.hash,
        token.created_at,
        token.expires_at,
        token.last_used_at,
        token.revoked_at,
    )
}

/// See [`countersign_app::ports::Store::revoke_personal_token`]. The update holds the row until the
/// end, so one call alone finds it live.
pub(crate) async fn revoke(
    lease: &mut Lease,
    user_id: UserId,
    id: PersonalTokenId,
    now: Timestamp,
    event: &AuditEvent,
) -> Result<bool, Fault> {
    let answers = lease
        .begin(vec![sql!(
            "UPDATE personal_tokens SET revoked_at = $3
             WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3",
            id,
            user_id,
            now
        )])
        .await?;
    end_with(lease, answers.first().map_or(0, |a| a.changed), event).await
}

/// Commits with the event if something changed, and undoes nothing otherwise.
async fn end_with(lease: &mut Lease, changed: u64, event: &AuditEvent) -> Result<bool, Fault> {
    if changed == 0 {
        lease.roll_back().await?;
        return Ok(false);
    }
    lease.commit(vec![audit::insert(event)?]).await?;
    Ok(true)
}

/// The statement that revokes all tokens of a user, as a part of another change.
pub(crate) fn revoke_all(user_id: UserId, now: Timestamp) -> Statement {
    sql!(
        "UPDATE personal_tokens SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL",
        user_id,
        now
    )
}

/// See [`countersign_app::ports::Store::note_personal_token_use`].
pub(crate) async fn note_use(
    lease: &mut Lease,
    id: PersonalTokenId,
    now: Timestamp,
    event: &AuditEvent,
) -> Result<(), Fault> {
    let answers = lease
        .begin(vec![sql!(
            "UPDATE personal_tokens SET last_used_at = $2
             WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)",
            id,
            now,
            now.minus(PersonalToken::USE_NOTED_EVERY)
        )])
        .await?;
    end_with(lease, answers.first().map_or(0, |a| a.changed), event).await?;
    Ok(())
}
