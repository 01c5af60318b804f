//! What administrators do to a user: `setUserState`, `setUserPassword`, `deleteUser`,
//! `endUserSessions`.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use countersign_app::admin::{
    Admin, DeleteOutcome, EndSessionsOutcome, SetPasswordOutcome, StateOutcome,
};

use super::errors::Result;
use super::failures::{BeyondYourAuthority, LastAdmin, NotFound, WeakPassword};
use super::global_id::GlobalId;
use super::guard::{call, caller};
use super::input;
use super::rules::MUTATION;
use super::schema::app;
use super::sessions::EndSessionsSuccess;
use super::user::{User, UserState};

/// Which user, and the state they are to have.
#[derive(InputObject)]
pub struct SetUserStateInput {
    /// The user's global id.
    user_id: ID,
    /// The state.
    state: UserState,
}

/// The state is set.
#[derive(SimpleObject)]
pub struct SetUserStateSuccess {
    /// The user as they are now.
    user: User,
}

/// What comes of setting a user's state.
#[derive(Union)]
pub enum SetUserStateResult {
    /// Set.
    Success(SetUserStateSuccess),
    /// Not set.
    LastAdmin(LastAdmin),
    /// Not set.
    BeyondYourAuthority(BeyondYourAuthority),
    /// Not set.
    NotFound(NotFound),
}

/// Which user, and the password they are to have.
#[derive(InputObject)]
pub struct SetUserPasswordInput {
    /// The user's global id.
    user_id: ID,
    /// The password.
    password: String,
}

/// The password is set, and the user is logged out everywhere.
#[derive(SimpleObject)]
pub struct SetUserPasswordSuccess {
    /// How many sessions were ended.
    ended_sessions: i64,
}

/// What comes of setting a user's password.
#[derive(Union)]
pub enum SetUserPasswordResult {
    /// Set.
    Success(SetUserPasswordSuccess),
    /// Not set.
    WeakPassword(WeakPassword),
    /// Not set.
    BeyondYourAuthority(BeyondYourAuthority),
    /// Not set.
    NotFound(NotFound),
}

/// Which user to delete.
#[derive(InputObject)]
pub struct DeleteUserInput {
    /// The user's global id.
    user_id: ID,
}

/// The user is gone. The audit log keeps what it says of them.
#[derive(SimpleObject)]
pub struct DeleteUserSuccess {
    /// The global id that the user had.
    user_id: ID,
}

/// What comes of deleting a user.
#[derive(Union)]
pub enum DeleteUserResult {
    /// Deleted.
    Success(DeleteUserSuccess),
    /// Not deleted.
    LastAdmin(LastAdmin),
    /// Not deleted.
    BeyondYourAuthority(BeyondYourAuthority),
    /// Not deleted.
    NotFound(NotFound),
}

/// Whose sessions to end.
#[derive(InputObject)]
pub struct EndUserSessionsInput {
    /// The user's global id.
    user_id: ID,
}

/// What comes of ending a user's sessions.
#[derive(Union)]
pub enum EndUserSessionsResult {
    /// Ended.
    Success(EndSessionsSuccess),
    /// Not ended.
    BeyondYourAuthority(BeyondYourAuthority),
    /// Not ended.
    NotFound(NotFound),
}

#[derive(Default)]
pub struct ChangeUserMutation;

#[Object]
impl ChangeUserMutation {
    /// Enables, disables or locks a user. A user shut out is logged out everywhere.
    #[graphql(guard = "MUTATION.set_user_state")]
    async fn set_user_state(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which user, and the state.")] input: SetUserStateInput,
    ) -> Result<Option<SetUserStateResult>> {
        use SetUserStateResult as Answer;

        let id = GlobalId::user(&input.user_id, "/input/userId")?;
        let by = Admin::Caller(&caller(ctx)?.principal);
        let state = input.state.into();
        Ok(Some(
            match app(ctx)?
                .set_user_state(by, id, state, &call(ctx)?.origin)
                .await?
            {
                StateOutcome::Changed(account) => Answer::Success(SetUserStateSuccess {
                    user: User::account(account),
                }),
                StateOutcome::LastAdmin => Answer::LastAdmin(LastAdmin::new()),
                StateOutcome::NotYours => Answer::BeyondYourAuthority(BeyondYourAuthority::new()),
                StateOutcome::NotFound => Answer::NotFound(NotFound::new()),
            },
        ))
    }

    /// Sets a user's password and logs them out everywhere.
    #[graphql(guard = "MUTATION.set_user_password")]
    async fn set_user_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which user, and the password.")] input: SetUserPasswordInput,
    ) -> Result<Option<SetUserPasswordResult>> {
        use SetUserPasswordResult as Answer;

        let id = GlobalId::user(&input.user_id, "/input/userId")?;
        let password = input::password(&input.password, "/input/password")?;
        let by = Admin::Caller(&caller(ctx)?.principal);
        Ok(Some(
            match app(ctx)?
                .set_password(by, id, password, &call(ctx)?.origin)
                .await?
            {
                SetPasswordOutcome::Changed { ended_sessions } => {
                    let ended_sessions = i64::try_from(ended_sessions).unwrap_or(i64::MAX);
                    Answer::Success(SetUserPasswordSuccess { ended_sessions })
                }
                SetPasswordOutcome::Weak(weak) => Answer::WeakPassword(weak.into()),
                SetPasswordOutcome::NotYours => {
                    Answer::BeyondYourAuthority(BeyondYourAuthority::new())
                }
                SetPasswordOutcome::NotFound => Answer::NotFound(NotFound::new()),
            },
        ))
    }

    /// Deletes a user and all that is theirs.
    #[graphql(guard = "MUTATION.delete_user")]
    async fn delete_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which user.")] input: DeleteUserInput,
    ) -> Result<Option<DeleteUserResult>> {
        use DeleteUserResult as Answer;

        let id = GlobalId::user(&input.user_id, "/input/userId")?;
        let by = Admin::Caller(&caller(ctx)?.principal);
        Ok(Some(
            match app(ctx)?.delete_user(by, id, &call(ctx)?.origin).await? {
                DeleteOutcome::Deleted => Answer::Success(DeleteUserSuccess {
                    user_id: input.user_id,
                }),
                DeleteOutcome::LastAdmin => Answer::LastAdmin(LastAdmin::new()),
                DeleteOutcome::NotYours => Answer::BeyondYourAuthority(BeyondYourAuthority::new()),
                DeleteOutcome::NotFound => Answer::NotFound(NotFound::new()),
            },
        ))
    }

    /// Logs a user out everywhere.
    #[graphql(guard = "MUTATION.end_user_sessions")]
    async fn end_user_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose sessions.")] input: EndUserSessionsInput,
    ) -> Result<Option<EndUserSessionsResult>> {
        use EndUserSessionsResult as Answer;

        let id = GlobalId::user(&input.user_id, "/input/userId")?;
        let by = Admin::Caller(&caller(ctx)?.principal);
        Ok(Some(
            match app(ctx)?
                .end_sessions_of(by, id, &call(ctx)?.origin)
                .await?
            {
                EndSessionsOutcome::Ended(ended) => Answer::Success(EndSessionsSuccess::new(ended)),
                EndSessionsOutcome::NotYours => {
                    Answer::BeyondYourAuthority(BeyondYourAuthority::new())
                }
                EndSessionsOutcome::NotFound => Answer::NotFound(NotFound::new()),
            },
        ))
    }
}
