//! `logout`.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use countersign_app::log_out::LoggedOut;

use super::errors::Result;
use super::failures::NotInSession;
use super::guard::{call, caller};
use super::rules::MUTATION;
use super::schema::app;

/// Which session to log out of, if not the one that the request is made in.
#[derive(InputObject)]
pub struct LogoutInput {
    /// Ends the session of this refresh token, for a client whose access token has expired.
    refresh_token: Option<String>,
}

/// The session is ended, or was before.
#[derive(SimpleObject)]
pub struct LogoutSuccess {
    /// Always true.
    ok: bool,
}

/// What comes of logging out.
#[derive(Union)]
pub enum LogoutResult {
    /// Out.
    Success(LogoutSuccess),
    /// Nothing to end.
    NotInSession(NotInSession),
}

#[derive(Default)]
pub struct LogOutMutation;

#[Object]
impl LogOutMutation {
    /// Ends a session and all its tokens: the one that the request is made in, whatever its
    /// scopes, or the one of the refresh token that is given.
    #[graphql(guard = "MUTATION.logout")]
    async fn logout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session, if not the request's own.")] input: Option<LogoutInput>,
    ) -> Result<Option<LogoutResult>> {
        let (app, origin) = (app(ctx)?, &call(ctx)?.origin);
        let outcome = match input.and_then(|input| input.refresh_token) {
            Some(token) => app.log_out_with_refresh_token(&token, origin).await?,
            None => app.log_out(&caller(ctx)?.principal, origin).await?,
        };
        Ok(Some(match outcome {
            LoggedOut::LoggedOut => LogoutResult::Success(LogoutSuccess { ok: true }),
            LoggedOut::NotInSession => LogoutResult::NotInSession(NotInSession::new()),
        }))
    }
}
