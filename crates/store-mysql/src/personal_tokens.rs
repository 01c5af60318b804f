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
use mysql_async::Row;

use crate::accounts::{account_in, account_sql, first_with_account, lock_sql};
use crate::audit::{self, marking};
use crate::cells::Cells;
use crate::error::Fault;
use crate::link::{Answers, Link};
use crate::sql::{Literal, Sql};
use crate::standing;

/// Reads a row that holds a token and nothing else.
pub(crate) fn one(row: &Row) -> StoreResult<PersonalToken> {
    personal_token(&mut Cells::of(row))
}

/// The query for a token and its account.
pub(crate) fn token_with_account_sql(id: PersonalTokenId) -> Sql {
    Sql::new(
        concat!(
            "SELECT ",
            token_columns!(),
            ", ",
            user_columns!(),
            ", ",
            role_columns!(),
            " FROM personal_tokens t JOIN users u ON u.id = t.user_id ",
            role_tables!(),
            " WHERE t.id = ?"
        ),
        [id.into()],
    )
}

/// Its answer.
pub(crate) fn token_with_account_in(
    answers: &mut Answers,
) -> Result<Option<(PersonalToken, Account)>, Fault> {
    Ok(first_with_account(&answers.rows()?, personal_token)?)
}

/// See [`countersign_app::ports::Store::personal_token`].
pub(crate) async fn token_with_account(
    link: &mut Link<'_>,
    id: PersonalTokenId,
) -> Result<Option<(PersonalToken, Account)>, Fault> {
    token_with_account_in(&mut link.read(token_with_account_sql(id)).await?)
}

/// See [`countersign_app::ports::Store::live_personal_tokens`].
pub(crate) async fn live(
    link: &mut Link<'_>,
    user_id: UserId,
    now: Timestamp,
) -> Result<Vec<PersonalToken>, Fault> {
    let sql = Sql::new(
        concat!(
            "SELECT ",
            token_columns!(),
            " FROM personal_tokens t
             WHERE t.user_id = ? AND t.revoked_at IS NULL AND t.expires_at > ?
             ORDER BY t.created_at DESC, t.id DESC"
        ),
        [user_id.into(), now.into()],
    );
    let rows = link.read(sql).await?.rows()?;
    Ok(rows.iter().map(one).collect::<StoreResult<_>>()?)
}

/// See [`countersign_app::ports::Store::create_personal_token`]. The present moment is the token's
/// beginning.
pub(crate) async fn create(
    link: &mut Link<'_>,
    intent: &CreatePersonalToken,
) -> Result<PersonalTokenCreated, Fault> {
    let token = &intent.token;
    let sql = lock_sql(token.user_id)
        .and(account_sql(token.user_id))
        .then(
            "SELECT count(*) FROM personal_tokens
             WHERE user_id = ? AND revoked_at IS NULL AND expires_at > ?",
            [token.user_id.into(), token.created_at.into()],
        );
    let mut answers = link.begin(sql).await?;
    if let Some(lost) = standing::lost(link, &intent.by, intent.event.at).await? {
        return Ok(PersonalTokenCreated::CallerLost(lost));
    }
    answers.skip();
    let Some(account) = account_in(&mut answers)? else {
        return Ok(PersonalTokenCreated::NotFound);
    };
    if let Err(refusal) = may_issue(&account.user, None, token.created_at) {
        return Ok(PersonalTokenCreated::Refused(refusal));
    }
    let rows = answers.rows()?;
    let live: u64 = match rows.first() {
        Some(row) => Cells::of(row).number()?,
        None => 0,
    };
    if live >= u64::from(intent.max_tokens) {
        return Ok(PersonalTokenCreated::TooMany);
    }
    let sql = several("INSERT", std::slice::from_ref(token)).and(audit::insert_sql(&intent.event)?);
    link.commit(sql).await?;
    Ok(PersonalTokenCreated::Created)
}

/// Writes tokens in place of those with their ids, if there are any.
pub(crate) fn put_sql(tokens: &[PersonalToken]) -> Sql {
    several("REPLACE", tokens)
}

fn several(verb: &'static str, tokens: &[PersonalToken]) -> Sql {
    let mut sql = Sql::default();
    for token in tokens {
        if sql.is_empty() {
            sql.add(verb, []);
            sql.add(
                " INTO personal_tokens (id, user_id, name, scopes, hash, created_at, expires_at,
                     last_used_at, revoked_at)
                 VALUES ",
                [],
            );
        } else {
            sql.add(", ", []);
        }
        sql.add("(?, ?, ?, ?, ?, ?, ?, ?, ?)", values(token));
    }
    sql
}

fn values(token: &PersonalToken) -> [Literal; 9] {
    [
        token.id.into(),
        token.user_id.into(),
        token.name.as_str().into(),
        token.scopes.to_string().into(),
        token.hash.into(),
        token.created_at.into(),
        token.expires_at.into(),
        token.last_used_at.into(),
        token.revoked_at.into(),
    ]
}

/// See [`countersign_app::ports::Store::revoke_personal_token`]: one guarded statement and its event.
pub(crate) async fn revoke(
    link: &mut Link<'_>,
    user_id: UserId,
    id: PersonalTokenId,
    now: Timestamp,
    event: &AuditEvent,
) -> Result<bool, Fault> {
    let sql = Sql::new(
        concat!(
            "UPDATE personal_tokens SET revoked_at = IF(",
            marking!(),
            ", ?, NULL)
             WHERE id = ? AND user_id = ? AND revoked_at IS NULL AND expires_at > ?"
        ),
        [now.into(), id.into(), user_id.into(), now.into()],
    );
    let sql = sql.and(audit::insert_if_changed_sql(event)?);
    Ok(link.marked_transaction(sql).await?.changed()? > 0)
}

/// Revokes all tokens of a user, as a part of another change.
pub(crate) fn revoke_all_sql(user_id: UserId, now: Timestamp) -> Sql {
    Sql::new(
        "UPDATE personal_tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL",
        [now.into(), user_id.into()],
    )
}

/// See [`countersign_app::ports::Store::note_personal_token_use`]: one guarded statement and its
/// event. The guard is [`PersonalToken::wants_use_noted`].
pub(crate) async fn note_use(
    link: &mut Link<'_>,
    id: PersonalTokenId,
    now: Timestamp,
    event: &AuditEvent,
) -> Result<(), Fault> {
    let sql = Sql::new(
        concat!(
            "UPDATE personal_tokens SET last_used_at = IF(",
            marking!(),
            ", ?, NULL)
             WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)"
        ),
        [
            now.into(),
            id.into(),
            now.minus(PersonalToken::USE_NOTED_EVERY).into(),
        ],
    );
    let sql = sql.and(audit::insert_if_changed_sql(event)?);
    link.marked_transaction(sql).await?;
    Ok(())
}
