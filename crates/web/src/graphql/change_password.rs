//! `changePassword`.

use async_graphql::{Context, InputObject, Object, SimpleObject, Union};
use countersign_app::change_password::PasswordChange;

use super::errors::Result;
use super::failures::{WeakPassword, WrongPassword};
use super::guard::{call, caller};
use super::input;
use super::rules::MUTATION;
use super::schema::app;

/// The present password and the new one.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The present password.
    current_password: String,
    /// The new password.
    new_password: String,
}

/// The password is changed.
#[derive(SimpleObject)]
pub struct ChangePasswordSuccess {
    /// How many other sessions were ended.
    ended_sessions: i64,
}

/// What comes of changing a password.
#[derive(Union)]
pub enum ChangePasswordResult {
    /// Changed.
    Success(ChangePasswordSuccess),
    /// Not changed.
    WrongPassword(WrongPassword),
    /// Not changed.
    WeakPassword(WeakPassword),
}

#[derive(Default)]
pub struct ChangePasswordMutation;

#[Object]
impl ChangePasswordMutation {
    /// Changes the caller's password and ends all their other sessions.
    #[graphql(guard = "MUTATION.change_password")]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The present password and the new one.")] input: ChangePasswordInput,
    ) -> Result<Option<ChangePasswordResult>> {
        let current = input::password(&input.current_password, "/input/currentPassword")?;
        let new = input::password(&input.new_password, "/input/newPassword")?;
        let (caller, origin) = (caller(ctx)?, &call(ctx)?.origin);
        let outcome = app(ctx)?
            .change_password(&caller.principal, current, new, origin)
            .await?;
        Ok(Some(match outcome {
            PasswordChange::Changed { ended_sessions } => {
                let ended_sessions = i64::try_from(ended_sessions).unwrap_or(i64::MAX);
                ChangePasswordResult::Success(ChangePasswordSuccess { ended_sessions })
            }
            PasswordChange::WrongPassword => {
                ChangePasswordResult::WrongPassword(WrongPassword::new())
            }
            PasswordChange::Weak(weak) => ChangePasswordResult::WeakPassword(weak.into()),
        }))
    }
}
