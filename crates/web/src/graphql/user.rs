//! The `User` type. Its fields are guarded one by one: whoever may hold a user may not yet look at
//! all of them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use countersign_app::App;
use countersign_app::authenticate::Caller;
use countersign_domain::access::Principal;
use countersign_domain::email::EmailAddress;
use countersign_domain::names::{Label, Username};
use countersign_domain::role::Account;
use countersign_domain::user;

use super::date_time::DateTime;
use super::errors::Result;
use super::global_id::GlobalId;
use super::rules::USER;
use super::schema::app;
use super::session::Session;

/// Whether a user may get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "user::UserState")]
pub enum UserState {
    /// May log in.
    Active,
    /// Switched off by an administrator.
    Disabled,
    /// Shut by a rule of the product, such as too many failures of a second factor.
    Locked,
}

/// What is at hand of a user.
enum Known {
    /// The caller, read when the request came in.
    Caller(Arc<Caller>),
    /// With the definitions of their roles.
    Account(Box<Account>),
    /// Out of a list.
    Listed(Box<user::User>),
}

/// A user as an answer shows them.
pub struct User {
    known: Known,
    seen_by: Option<Principal>,
}

impl User {
    /// The caller themselves.
    pub(super) fn caller(caller: Arc<Caller>) -> Self {
        Self {
            known: Known::Caller(caller),
            seen_by: None,
        }
    }

    /// Any user, with the definitions of their roles.
    pub(super) fn account(account: Box<Account>) -> Self {
        Self {
            known: Known::Account(account),
            seen_by: None,
        }
    }

    /// A user out of a list.
    pub(super) fn listed(user: user::User) -> Self {
        Self {
            known: Known::Listed(Box::new(user)),
            seen_by: None,
        }
    }

    /// A user who has just proved who they are, and so looks at themselves.
    pub(super) fn seen_by(viewer: Principal, account: Box<Account>) -> Self {
        Self {
            known: Known::Account(account),
            seen_by: Some(viewer),
        }
    }

    fn user(&self) -> &user::User {
        match &self.known {
            Known::Caller(caller) => &caller.account.user,
            Known::Account(account) => &account.user,
            Known::Listed(user) => user,
        }
    }

    fn viewer(&self) -> Option<&Principal> {
        self.seen_by.as_ref()
    }
}

/// A user. What the caller may not see of them is null, with an error that says which scope it
/// takes.
#[Object]
impl User {
    /// The global id.
    #[graphql(guard = "USER.id")]
    pub(super) async fn id(&self) -> ID {
        GlobalId::User(self.user().id).into()
    }

    /// The id that tokens carry as `sub`.
    #[graphql(guard = "USER.subject.of(self.user().id, self.viewer())")]
    async fn subject(&self) -> Option<String> {
        Some(self.user().id.to_string())
    }

    /// The username, if the user has one; unique.
    #[graphql(guard = "USER.username.of(self.user().id, self.viewer())")]
    async fn username(&self) -> Option<&str> {
        self.user().username.as_ref().map(Username::as_str)
    }

    /// The e-mail address, if the user has one; unique.
    #[graphql(guard = "USER.email.of(self.user().id, self.viewer())")]
    async fn email(&self) -> Option<&str> {
        self.user().email.as_ref().map(EmailAddress::as_str)
    }

    /// Whether somebody proved that mail to the address reaches the user.
    #[graphql(guard = "USER.email_verified.of(self.user().id, self.viewer())")]
    async fn email_verified(&self) -> Option<bool> {
        Some(self.user().email_verified)
    }

    /// What other people see.
    #[graphql(guard = "USER.display_name.of(self.user().id, self.viewer())")]
    async fn display_name(&self) -> Option<&str> {
        self.user().display_name.as_ref().map(Label::as_str)
    }

    /// Whether the user may get in.
    #[graphql(guard = "USER.state.of(self.user().id, self.viewer())")]
    async fn state(&self) -> Option<UserState> {
        Some(self.user().state.into())
    }

    /// The names of the roles granted to the user.
    #[graphql(guard = "USER.roles.of(self.user().id, self.viewer())")]
    async fn roles(&self) -> Option<Vec<String>> {
        Some(self.user().roles.iter().map(ToString::to_string).collect())
    }

    /// The scopes granted to the user directly.
    #[graphql(guard = "USER.scopes.of(self.user().id, self.viewer())")]
    async fn scopes(&self) -> Option<Vec<String>> {
        Some(self.user().scopes.iter().map(ToString::to_string).collect())
    }

    /// All that the user may do: by roles and by scopes granted directly.
    #[graphql(guard = "USER.effective_scopes.of(self.user().id, self.viewer())")]
    async fn effective_scopes(&self, ctx: &Context<'_>) -> Result<Option<Vec<String>>> {
        let scopes = match &self.known {
            Known::Caller(caller) => Some(caller.account.effective_scopes()),
            Known::Account(account) => Some(account.effective_scopes()),
            Known::Listed(user) => {
                let account = app(ctx)?.user(user.id).await?;
                account.map(|account| account.effective_scopes())
            }
        };
        Ok(scopes.map(|scopes| scopes.iter().map(ToString::to_string).collect()))
    }

    /// Where the user is logged in, the newest session first.
    #[graphql(guard = "USER.sessions.of(self.user().id, self.viewer())")]
    async fn sessions(&self, ctx: &Context<'_>) -> Result<Option<Vec<Session>>> {
        let app: &App = app(ctx)?;
        let sessions = app.sessions_of(self.user().id).await?;
        Ok(Some(
            sessions
                .into_iter()
                .map(|s| Session::new(s, self.seen_by.clone()))
                .collect(),
        ))
    }

    /// When the account was made.
    #[graphql(guard = "USER.created_at.of(self.user().id, self.viewer())")]
    async fn created_at(&self) -> Option<DateTime> {
        Some(self.user().created_at.into())
    }

    /// When any of this last changed.
    #[graphql(guard = "USER.updated_at.of(self.user().id, self.viewer())")]
    async fn updated_at(&self) -> Option<DateTime> {
        Some(self.user().updated_at.into())
    }

    /// Counts the changes, from 1. Give it back to make sure that nothing changed in between.
    #[graphql(guard = "USER.version.of(self.user().id, self.viewer())")]
    async fn version(&self) -> Option<i32> {
        i32::try_from(self.user().version).ok()
    }
}
