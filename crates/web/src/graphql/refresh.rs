//! `refresh`.

use async_graphql::{Context, InputObject, Object, Union};
use countersign_app::refresh::{Refresh, Refreshed};

use super::errors::Result;
use super::failures::{InvalidRefreshToken, UnknownAudience};
use super::grants::RefreshSuccess;
use super::guard::call;
use super::input;
use super::rules::MUTATION;
use super::schema::app;

/// What a client gives for new tokens.
#[derive(InputObject)]
pub struct RefreshInput {
    /// The refresh token. It is spent; the answer has the next one.
    refresh_token: String,
    /// Narrows what the new access token may do: scopes with spaces between.
    scope: Option<String>,
    /// Which API the access token is for, if another than the login asked for.
    audience: Option<String>,
}

/// What comes of a refresh.
#[derive(Union)]
pub enum RefreshResult {
    /// New tokens.
    Success(RefreshSuccess),
    /// None.
    InvalidRefreshToken(InvalidRefreshToken),
    /// None; nothing was spent.
    UnknownAudience(UnknownAudience),
}

#[derive(Default)]
pub struct RefreshMutation;

#[Object]
impl RefreshMutation {
    /// Spends a refresh token for new tokens. Repeating the identical call at once gives the
    /// identical refresh token; using a spent token later ends the session.
    #[graphql(guard = "MUTATION.refresh")]
    async fn refresh(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the client gives.")] input: RefreshInput,
    ) -> Result<Option<RefreshResult>> {
        let command = Refresh {
            scopes: input::optional(input.scope.as_deref(), "/input/scope")?,
            audience: input::optional(input.audience.as_deref(), "/input/audience")?,
            refresh_token: input.refresh_token,
        };
        Ok(Some(
            match app(ctx)?.refresh(command, &call(ctx)?.origin).await? {
                Refreshed::Refreshed { account, tokens } => {
                    RefreshResult::Success(RefreshSuccess::new(account, tokens))
                }
                Refreshed::Refused => {
                    RefreshResult::InvalidRefreshToken(InvalidRefreshToken::new())
                }
                Refreshed::UnknownAudience => {
                    RefreshResult::UnknownAudience(UnknownAudience::new())
                }
            },
        ))
    }
}
