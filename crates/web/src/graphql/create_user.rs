//! `createUser`.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use countersign_app::admin::{Admin, CreateUser, CreateUserOutcome};

use super::errors::Result;
use super::failures::{
    BeyondYourAuthority, EmailTaken, IdentifierMissing, UnknownRole, UsernameTaken, WeakPassword,
};
use super::guard::{call, caller};
use super::input;
use super::rules::MUTATION;
use super::schema::app;
use super::user::User;

/// The user to make.
#[derive(InputObject)]
pub struct CreateUserInput {
    /// A username. Give this, an e-mail address, or both.
    username: Option<String>,
    /// An e-mail address. Give this, a username, or both.
    email: Option<String>,
    /// What other people see.
    display_name: Option<String>,
    /// The password; without one the user can't log in until one is set.
    password: Option<String>,
    /// The names of the roles to grant.
    #[graphql(default)]
    roles: Vec<String>,
}

/// The user is made.
#[derive(SimpleObject)]
pub struct CreateUserSuccess {
    /// The new user.
    user: User,
}

/// What comes of making a user.
#[derive(Union)]
pub enum CreateUserResult {
    /// Made.
    Success(CreateUserSuccess),
    /// Not made.
    IdentifierMissing(IdentifierMissing),
    /// Not made.
    WeakPassword(WeakPassword),
    /// Not made.
    EmailTaken(EmailTaken),
    /// Not made.
    UsernameTaken(UsernameTaken),
    /// Not made.
    UnknownRole(UnknownRole),
    /// Not made.
    BeyondYourAuthority(BeyondYourAuthority),
}

#[derive(Default)]
pub struct CreateUserMutation;

#[Object]
impl CreateUserMutation {
    /// Makes a user.
    #[graphql(guard = "MUTATION.create_user")]
    async fn create_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user to make.")] input: CreateUserInput,
    ) -> Result<Option<CreateUserResult>> {
        use CreateUserResult as Answer;

        let password = input.password.as_deref();
        let command = CreateUser {
            username: input::optional(input.username.as_deref(), "/input/username")?,
            email: input::optional(input.email.as_deref(), "/input/email")?,
            display_name: input::optional(input.display_name.as_deref(), "/input/displayName")?,
            password: password
                .map(|text| input::password(text, "/input/password"))
                .transpose()?,
            roles: input::each(&input.roles, "/input/roles")?,
        };
        let by = Admin::Caller(&caller(ctx)?.principal);
        Ok(Some(
            match app(ctx)?
                .create_user(by, command, &call(ctx)?.origin)
                .await?
            {
                CreateUserOutcome::Created(account) => Answer::Success(CreateUserSuccess {
                    user: User::account(account),
                }),
                CreateUserOutcome::NoIdentifier => {
                    Answer::IdentifierMissing(IdentifierMissing::new())
                }
                CreateUserOutcome::Weak(weak) => Answer::WeakPassword(weak.into()),
                CreateUserOutcome::EmailTaken => Answer::EmailTaken(EmailTaken::new()),
                CreateUserOutcome::UsernameTaken => Answer::UsernameTaken(UsernameTaken::new()),
                CreateUserOutcome::UnknownRole(name) => Answer::UnknownRole(UnknownRole::new(name)),
                CreateUserOutcome::NotYours => {
                    Answer::BeyondYourAuthority(BeyondYourAuthority::new())
                }
            },
        ))
    }
}
