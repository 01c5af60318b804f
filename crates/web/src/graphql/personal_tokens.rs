//! Personal access tokens: `personalAccessTokens`, `createPersonalAccessToken`,
//! `revokePersonalAccessToken`.

use std::time::Duration;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use countersign_app::personal_tokens::{CreatePersonalToken, PersonalTokenOutcome};
use countersign_domain::id::PersonalTokenId;
use countersign_domain::opaque::expose;
use countersign_domain::personal_token::PersonalToken;

use super::date_time::DateTime;
use super::errors::{Fault, Result};
use super::failures::{
    InvalidCredentials, LifetimeTooLong, NotFound, ScopesMissing, ScopesNotHeld, TooManyTokens,
};
use super::global_id::GlobalId;
use super::guard::{call, caller};
use super::input;
use super::rules::{MUTATION, PERSONAL_TOKEN, QUERY};
use super::schema::app;

/// A personal access token as an answer shows it.
pub struct PersonalAccessToken(pub(super) PersonalToken);

impl PersonalAccessToken {
    /// Which one.
    pub(super) fn key(&self) -> PersonalTokenId {
        self.0.id
    }
}

/// What a script of the caller logs in with. The secret itself is shown once, when it is made.
#[Object]
impl PersonalAccessToken {
    /// The global id.
    #[graphql(guard = "PERSONAL_TOKEN.id")]
    pub(super) async fn id(&self) -> ID {
        GlobalId::PersonalAccessToken(self.0.id).into()
    }

    /// What its owner calls it.
    #[graphql(guard = "PERSONAL_TOKEN.name")]
    async fn name(&self) -> Option<&str> {
        Some(self.0.name.as_str())
    }

    /// What it may do at most: never more than its owner may do at the time.
    #[graphql(guard = "PERSONAL_TOKEN.scopes")]
    async fn scopes(&self) -> Option<Vec<String>> {
        Some(self.0.scopes.iter().map(ToString::to_string).collect())
    }

    /// When it was made.
    #[graphql(guard = "PERSONAL_TOKEN.created_at")]
    async fn created_at(&self) -> Option<DateTime> {
        Some(self.0.created_at.into())
    }

    /// When it stops working.
    #[graphql(guard = "PERSONAL_TOKEN.expires_at")]
    async fn expires_at(&self) -> Option<DateTime> {
        Some(self.0.expires_at.into())
    }

    /// When it was last used, to within an hour.
    #[graphql(guard = "PERSONAL_TOKEN.last_used_at")]
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime::from)
    }
}

#[derive(Default)]
pub struct PersonalTokensQuery;

#[Object]
impl PersonalTokensQuery {
    /// The caller's working personal access tokens, the newest first.
    #[graphql(guard = "QUERY.personal_access_tokens")]
    async fn personal_access_tokens(
        &self,
        ctx: &Context<'_>,
    ) -> Result<Option<Vec<PersonalAccessToken>>> {
        let tokens = app(ctx)?.personal_tokens(&caller(ctx)?.principal).await?;
        Ok(Some(tokens.into_iter().map(PersonalAccessToken).collect()))
    }
}

/// The token to make.
#[derive(InputObject)]
pub struct CreatePersonalAccessTokenInput {
    /// What to call it.
    name: String,
    /// What it may do. No more than the caller may do.
    scopes: Vec<String>,
    /// How long it works, in seconds; as long as is allowed if left out.
    expires_in: Option<i32>,
}

/// The token is made. This is the only time that its text is shown.
#[derive(SimpleObject)]
pub struct CreatePersonalAccessTokenSuccess {
    /// The token: send it as `Authorization: Bearer …`.
    token: String,
    /// What is known of it.
    personal_access_token: PersonalAccessToken,
}

/// What comes of making a personal access token.
#[derive(Union)]
pub enum CreatePersonalAccessTokenResult {
    /// Made.
    Success(CreatePersonalAccessTokenSuccess),
    /// Not made.
    ScopesNotHeld(ScopesNotHeld),
    /// Not made.
    ScopesMissing(ScopesMissing),
    /// Not made.
    LifetimeTooLong(LifetimeTooLong),
    /// Not made.
    TooManyTokens(TooManyTokens),
    /// Not made: the account may no longer be used.
    InvalidCredentials(InvalidCredentials),
}

/// Which personal access token to revoke.
#[derive(InputObject)]
pub struct RevokePersonalAccessTokenInput {
    /// The token's global id.
    id: ID,
}

/// The token is revoked.
#[derive(SimpleObject)]
pub struct RevokePersonalAccessTokenSuccess {
    /// The global id of the token.
    id: ID,
}

/// What comes of revoking a personal access token.
#[derive(Union)]
pub enum RevokePersonalAccessTokenResult {
    /// Revoked.
    Success(RevokePersonalAccessTokenSuccess),
    /// The caller has no working token with this id.
    NotFound(NotFound),
}

#[derive(Default)]
pub struct PersonalTokensMutation;

#[Object]
impl PersonalTokensMutation {
    /// Makes a token for a script. It takes a session: a script can't make itself another token.
    #[graphql(guard = "MUTATION.create_personal_access_token")]
    async fn create_personal_access_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token to make.")] input: CreatePersonalAccessTokenInput,
    ) -> Result<Option<CreatePersonalAccessTokenResult>> {
        use CreatePersonalAccessTokenResult as Answer;

        let command = CreatePersonalToken {
            name: input::parse(&input.name, "/input/name")?,
            scopes: input::scopes(&input.scopes, "/input/scopes")?,
            lifetime: input.expires_in.map(seconds).transpose()?,
        };
        let (by, origin) = (caller(ctx)?, &call(ctx)?.origin);
        let app = app(ctx)?;
        let made = app
            .create_personal_token(&by.principal, &by.account, command, origin)
            .await?;
        Ok(Some(match made {
            PersonalTokenOutcome::Created { token, secret } => {
                Answer::Success(CreatePersonalAccessTokenSuccess {
                    token: expose(&secret).to_owned(),
                    personal_access_token: PersonalAccessToken(*token),
                })
            }
            PersonalTokenOutcome::ScopesNotHeld(lacking) => {
                let missing = lacking.iter().map(ToString::to_string).collect();
                Answer::ScopesNotHeld(ScopesNotHeld::new(missing))
            }
            PersonalTokenOutcome::NoScopes => Answer::ScopesMissing(ScopesMissing::new()),
            PersonalTokenOutcome::TooLong(longest) => Answer::LifetimeTooLong(
                LifetimeTooLong::new(i64::try_from(longest.as_secs()).unwrap_or(i64::MAX)),
            ),
            PersonalTokenOutcome::TooMany(max) => {
                Answer::TooManyTokens(TooManyTokens::new(i32::try_from(max).unwrap_or(i32::MAX)))
            }
            PersonalTokenOutcome::Refused(_) => {
                Answer::InvalidCredentials(InvalidCredentials::new())
            }
        }))
    }

    /// Revokes one of the caller's own personal access tokens.
    #[graphql(guard = "MUTATION.revoke_personal_access_token")]
    async fn revoke_personal_access_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token.")] input: RevokePersonalAccessTokenInput,
    ) -> Result<Option<RevokePersonalAccessTokenResult>> {
        let id = GlobalId::personal_token(&input.id, "/input/id")?;
        let (by, origin) = (caller(ctx)?, &call(ctx)?.origin);
        let was_there = app(ctx)?
            .revoke_personal_token(&by.principal, id, origin)
            .await?;
        Ok(Some(if was_there {
            let success = RevokePersonalAccessTokenSuccess { id: input.id };
            RevokePersonalAccessTokenResult::Success(success)
        } else {
            RevokePersonalAccessTokenResult::NotFound(NotFound::new())
        }))
    }
}

fn seconds(asked: i32) -> Result<Duration> {
    match u64::try_from(asked) {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(Fault::input(
            "/input/expiresIn",
            "a token lives at least one second",
        )),
    }
}
