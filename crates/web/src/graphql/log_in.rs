//! `login`.

use async_graphql::{Context, InputObject, Object, Union};
use countersign_app::log_in::{LogIn, LoggedIn};

use super::errors::Result;
use super::failures::{InvalidCredentials, UnknownAudience};
use super::grants::LoginSuccess;
use super::guard::call;
use super::input;
use super::rules::MUTATION;
use super::schema::app;

/// What a user gives to log in.
#[derive(InputObject)]
pub struct LoginInput {
    /// The e-mail address or the username.
    identifier: String,
    /// The password.
    password: String,
    /// What the device is called, for the list of sessions.
    device: Option<String>,
    /// Narrows what the tokens may do: scopes with spaces between.
    scope: Option<String>,
    /// Which API the tokens are for; this server itself if left out.
    audience: Option<String>,
}

/// What comes of logging in.
#[derive(Union)]
pub enum LoginResult {
    /// In.
    Success(LoginSuccess),
    /// Not in.
    InvalidCredentials(InvalidCredentials),
    /// Not in.
    UnknownAudience(UnknownAudience),
}

#[derive(Default)]
pub struct LogInMutation;

#[Object]
impl LogInMutation {
    /// Opens a session for whoever knows the password.
    #[graphql(guard = "MUTATION.login")]
    async fn login(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the user gives.")] input: LoginInput,
    ) -> Result<Option<LoginResult>> {
        let command = LogIn {
            password: input::password(&input.password, "/input/password")?,
            device: input::optional(input.device.as_deref(), "/input/device")?,
            scopes: input::optional(input.scope.as_deref(), "/input/scope")?,
            audience: input::optional(input.audience.as_deref(), "/input/audience")?,
            identifier: input.identifier,
        };
        Ok(Some(
            match app(ctx)?.log_in(command, &call(ctx)?.origin).await? {
                LoggedIn::LoggedIn { account, tokens } => {
                    LoginResult::Success(LoginSuccess::new(account, tokens))
                }
                LoggedIn::Refused => LoginResult::InvalidCredentials(InvalidCredentials::new()),
                LoggedIn::UnknownAudience => LoginResult::UnknownAudience(UnknownAudience::new()),
            },
        ))
    }
}
