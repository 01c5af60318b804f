//! `updateProfile`.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject, Union};
use countersign_app::update_profile::{ProfileUpdate, UpdateProfile};

use super::errors::{Fault, Result};
use super::failures::{
    EmailTaken, IdentifierMissing, NotFound, UsernameTaken, VersionConflict, WrongPassword,
};
use super::guard::{call, caller};
use super::input;
use super::rules::MUTATION;
use super::schema::app;
use super::user::User;

/// What to change. What is left out stays; null clears.
#[derive(InputObject)]
pub struct UpdateProfileInput {
    /// The new username.
    username: MaybeUndefined<String>,
    /// The new e-mail address; it counts as not verified.
    email: MaybeUndefined<String>,
    /// What other people are to see.
    display_name: MaybeUndefined<String>,
    /// The caller's password: asked for when `username` or `email` changes.
    current_password: Option<String>,
    /// The version that the client saw, if a change in between should stop this one.
    expected_version: Option<i32>,
}

/// The profile is changed.
#[derive(SimpleObject)]
pub struct UpdateProfileSuccess {
    /// The user as they are now.
    user: User,
}

/// What comes of changing a profile.
#[derive(Union)]
pub enum UpdateProfileResult {
    /// Changed.
    Success(UpdateProfileSuccess),
    /// Not changed: the present password is missing or not right.
    WrongPassword(WrongPassword),
    /// Not changed.
    VersionConflict(VersionConflict),
    /// Not changed.
    EmailTaken(EmailTaken),
    /// Not changed.
    UsernameTaken(UsernameTaken),
    /// Not changed: neither username nor e-mail address would be left.
    IdentifierMissing(IdentifierMissing),
    /// Not changed: the user is gone.
    NotFound(NotFound),
}

#[derive(Default)]
pub struct UpdateProfileMutation;

#[Object]
impl UpdateProfileMutation {
    /// Changes what others see of the caller, and what the caller logs in with.
    #[graphql(guard = "MUTATION.update_profile")]
    async fn update_profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: UpdateProfileInput,
    ) -> Result<Option<UpdateProfileResult>> {
        let version = input.expected_version.map(u64::try_from).transpose();
        let command = UpdateProfile {
            username: input::change(&input.username, "/input/username")?,
            email: input::change(&input.email, "/input/email")?,
            display_name: input::change(&input.display_name, "/input/displayName")?,
            current_password: input
                .current_password
                .as_deref()
                .map(|text| input::password(text, "/input/currentPassword"))
                .transpose()?,
            expected_version: version
                .map_err(|_| Fault::input("/input/expectedVersion", "a version is 1 or more"))?,
        };
        let (caller, origin) = (caller(ctx)?, &call(ctx)?.origin);
        let outcome = app(ctx)?
            .update_profile(&caller.principal, command, origin)
            .await?;
        Ok(Some(match outcome {
            ProfileUpdate::Updated(account) => {
                let user = User::account(account);
                UpdateProfileResult::Success(UpdateProfileSuccess { user })
            }
            ProfileUpdate::WrongPassword => {
                UpdateProfileResult::WrongPassword(WrongPassword::new())
            }
            ProfileUpdate::VersionConflict => {
                UpdateProfileResult::VersionConflict(VersionConflict::new())
            }
            ProfileUpdate::EmailTaken => UpdateProfileResult::EmailTaken(EmailTaken::new()),
            ProfileUpdate::UsernameTaken => {
                UpdateProfileResult::UsernameTaken(UsernameTaken::new())
            }
            ProfileUpdate::NoIdentifierLeft => {
                UpdateProfileResult::IdentifierMissing(IdentifierMissing::new())
            }
            ProfileUpdate::NotFound => UpdateProfileResult::NotFound(NotFound::new()),
        }))
    }
}
