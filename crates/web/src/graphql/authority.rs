//! `changeAuthority`: granting and revoking roles and scopes.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use countersign_app::admin::{Admin, AuthorityChange, AuthorityOutcome};

use super::errors::Result;
use super::failures::{BeyondYourAuthority, LastAdmin, NotFound, TooManyScopes, UnknownRole};
use super::global_id::GlobalId;
use super::guard::{call, caller};
use super::input;
use super::rules::MUTATION;
use super::schema::app;
use super::user::User;

/// What to grant to a user and what to revoke, in one change.
#[derive(InputObject)]
pub struct ChangeAuthorityInput {
    /// The user's global id.
    user_id: ID,
    /// The names of roles to grant.
    #[graphql(default)]
    grant_roles: Vec<String>,
    /// The names of roles to revoke.
    #[graphql(default)]
    revoke_roles: Vec<String>,
    /// Scopes to grant directly.
    #[graphql(default)]
    grant_scopes: Vec<String>,
    /// Scopes to revoke from those granted directly.
    #[graphql(default)]
    revoke_scopes: Vec<String>,
}

/// The change is made. It holds from the user's next call.
#[derive(SimpleObject)]
pub struct ChangeAuthoritySuccess {
    /// The user as they are now.
    user: User,
}

/// What comes of changing what a user may do.
#[derive(Union)]
pub enum ChangeAuthorityResult {
    /// Changed.
    Success(ChangeAuthoritySuccess),
    /// Not changed.
    LastAdmin(LastAdmin),
    /// Not changed.
    UnknownRole(UnknownRole),
    /// Not changed.
    TooManyScopes(TooManyScopes),
    /// Not changed.
    BeyondYourAuthority(BeyondYourAuthority),
    /// Not changed.
    NotFound(NotFound),
}

#[derive(Default)]
pub struct AuthorityMutation;

#[Object]
impl AuthorityMutation {
    /// Grants roles and scopes to a user and revokes them.
    #[graphql(guard = "MUTATION.change_authority")]
    async fn change_authority(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to grant and revoke.")] input: ChangeAuthorityInput,
    ) -> Result<Option<ChangeAuthorityResult>> {
        use ChangeAuthorityResult as Answer;

        let id = GlobalId::user(&input.user_id, "/input/userId")?;
        let change = AuthorityChange {
            grant_roles: input::each(&input.grant_roles, "/input/grantRoles")?,
            revoke_roles: input::each(&input.revoke_roles, "/input/revokeRoles")?,
            grant_scopes: input::scopes(&input.grant_scopes, "/input/grantScopes")?,
            revoke_scopes: input::scopes(&input.revoke_scopes, "/input/revokeScopes")?,
        };
        let by = Admin::Caller(&caller(ctx)?.principal);
        Ok(Some(
            match app(ctx)?
                .change_authority(by, id, change, &call(ctx)?.origin)
                .await?
            {
                AuthorityOutcome::Changed(account) => Answer::Success(ChangeAuthoritySuccess {
                    user: User::account(account),
                }),
                AuthorityOutcome::LastAdmin => Answer::LastAdmin(LastAdmin::new()),
                AuthorityOutcome::UnknownRole(name) => Answer::UnknownRole(UnknownRole::new(name)),
                AuthorityOutcome::TooManyScopes => Answer::TooManyScopes(TooManyScopes::new()),
                AuthorityOutcome::NotYours => {
                    Answer::BeyondYourAuthority(BeyondYourAuthority::new())
                }
                AuthorityOutcome::NotFound => Answer::NotFound(NotFound::new()),
            },
        ))
    }
}
