//! `signup`.

use async_graphql::{Context, InputObject, Object, Union};
use countersign_app::sign_up::{SignUp, SignUpOutcome};

use super::errors::Result;
use super::failures::{
    EmailTaken, IdempotencyKeyReused, IdentifierMissing, SignupClosed, UnknownAudience,
    UsernameTaken, WeakPassword,
};
use super::grants::SignupSuccess;
use super::guard::call;
use super::input;
use super::rules::MUTATION;
use super::schema::app;

/// What a new user gives.
#[derive(InputObject)]
pub struct SignupInput {
    /// A username. Give this, an e-mail address, or both.
    username: Option<String>,
    /// An e-mail address. Give this, a username, or both.
    email: Option<String>,
    /// The password.
    password: String,
    /// What other people see.
    display_name: Option<String>,
    /// What the device is called, for the list of sessions.
    device: Option<String>,
    /// Narrows what the tokens may do: scopes with spaces between.
    scope: Option<String>,
    /// Which API the tokens are for; this server itself if left out.
    audience: Option<String>,
    /// Makes a repeated call harmless: give the same key, get the same account.
    idempotency_key: Option<String>,
}

/// What comes of signing up.
#[derive(Union)]
pub enum SignupResult {
    /// Made.
    Success(SignupSuccess),
    /// Not made.
    WeakPassword(WeakPassword),
    /// Not made.
    EmailTaken(EmailTaken),
    /// Not made.
    UsernameTaken(UsernameTaken),
    /// Not made.
    IdentifierMissing(IdentifierMissing),
    /// Not made.
    SignupClosed(SignupClosed),
    /// Not made.
    UnknownAudience(UnknownAudience),
    /// Not made.
    IdempotencyKeyReused(IdempotencyKeyReused),
}

#[derive(Default)]
pub struct SignUpMutation;

#[Object]
impl SignUpMutation {
    /// Makes an account and logs in to it.
    #[graphql(guard = "MUTATION.signup")]
    async fn signup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the new user gives.")] input: SignupInput,
    ) -> Result<Option<SignupResult>> {
        let command = SignUp {
            username: input::optional(input.username.as_deref(), "/input/username")?,
            email: input::optional(input.email.as_deref(), "/input/email")?,
            display_name: input::optional(input.display_name.as_deref(), "/input/displayName")?,
            password: input::password(&input.password, "/input/password")?,
            device: input::optional(input.device.as_deref(), "/input/device")?,
            scopes: input::optional(input.scope.as_deref(), "/input/scope")?,
            audience: input::optional(input.audience.as_deref(), "/input/audience")?,
            idempotency_key: input.idempotency_key,
        };
        Ok(Some(
            match app(ctx)?.sign_up(command, &call(ctx)?.origin).await? {
                SignUpOutcome::SignedUp { account, tokens } => {
                    SignupResult::Success(SignupSuccess::new(account, tokens))
                }
                SignUpOutcome::NoIdentifier => {
                    SignupResult::IdentifierMissing(IdentifierMissing::new())
                }
                SignUpOutcome::Weak(weak) => SignupResult::WeakPassword(weak.into()),
                SignUpOutcome::EmailTaken => SignupResult::EmailTaken(EmailTaken::new()),
                SignUpOutcome::UsernameTaken => SignupResult::UsernameTaken(UsernameTaken::new()),
                SignUpOutcome::Closed => SignupResult::SignupClosed(SignupClosed::new()),
                SignUpOutcome::UnknownAudience => {
                    SignupResult::UnknownAudience(UnknownAudience::new())
                }
                SignUpOutcome::IdempotencyKeyReused => {
                    SignupResult::IdempotencyKeyReused(IdempotencyKeyReused::new())
                }
            },
        ))
    }
}
