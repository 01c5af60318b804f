//! `grant` and `revoke`: what a user may do.

use clap::Args;
use countersign_app::App;
use countersign_app::admin::{Admin, AuthorityChange, AuthorityOutcome};
use countersign_domain::role::{Account, RoleName, RoleNames};
use countersign_token::{Scope, Scopes};

use super::context::{Context, origin};
use super::error::CliError;
use super::exit::Exit;
use super::find_user::{called, find_user, no_user};
use super::table::list;
use super::users::{AccountView, parsed};

/// Grant roles and scopes to a user.
///
/// A name that a role has is that role; any other name with a ':' in it is a scope, such as
/// `reports:read`. For everything else there are --role and --scope. It counts from the user's
/// next token on.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign grant ada@example.com admin
  countersign grant ada editor reports:read
  countersign grant ada --scope openid")]
pub(super) struct Grant {
    #[command(flatten)]
    names: Names,
}

/// Revoke roles and scopes from a user.
///
/// Names are read as by `grant`. It counts at once for Countersign's own interfaces, and elsewhere
/// when the user's access token has expired.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign revoke ada@example.com admin
  countersign revoke ada reports:read")]
pub(super) struct Revoke {
    #[command(flatten)]
    names: Names,
}

#[derive(Args, Debug)]
struct Names {
    /// An id, e-mail address or username.
    user: String,
    /// Roles, and scopes with a ':'.
    #[arg(required_unless_present_any = ["role", "scope"])]
    role_or_scope: Vec<String>,
    /// A role. May come several times.
    #[arg(long, value_name = "NAME", value_parser = parsed::<RoleName>)]
    role: Vec<RoleName>,
    /// A scope. May come several times.
    #[arg(long, value_name = "NAME", value_parser = parsed::<Scope>)]
    scope: Vec<Scope>,
}

impl Grant {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let account = find_user(&app, &self.names.user).await?;
        let (grant_roles, grant_scopes) = self.names.sorted(&app).await?;
        let change = AuthorityChange {
            grant_roles,
            grant_scopes,
            ..AuthorityChange::default()
        };
        change_authority(context, &app, &account, change).await
    }
}

impl Revoke {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let account = find_user(&app, &self.names.user).await?;
        let (revoke_roles, revoke_scopes) = self.names.sorted(&app).await?;
        let change = AuthorityChange {
            revoke_roles,
            revoke_scopes,
            ..AuthorityChange::default()
        };
        change_authority(context, &app, &account, change).await
    }
}

impl Names {
    /// The names as roles and scopes. A misspelled role must not become a scope in silence.
    async fn sorted(&self, app: &App) -> Result<(RoleNames, Scopes), CliError> {
        let defined = app.roles().await?;
        let mut roles: RoleNames = self.role.iter().cloned().collect();
        let mut scopes: Scopes = self.scope.iter().cloned().collect();
        for name in &self.role_or_scope {
            if let Some(role) = defined.iter().find(|role| role.name.as_str() == name) {
                roles.insert(role.name.clone());
                continue;
            }
            match name.parse::<Scope>() {
                Ok(scope) if name.contains(':') => {
                    scopes.insert(scope);
                }
                _ => {
                    return Err(CliError::NoSuch {
                        kind: "role",
                        name: name.clone(),
                    });
                }
            }
        }
        Ok((roles, scopes))
    }
}

async fn change_authority(
    context: &Context,
    app: &App,
    account: &Account,
    change: AuthorityChange,
) -> Result<Exit, CliError> {
    let id = account.user.id;
    match app
        .change_authority(Admin::CommandLine, id, change, &origin())
        .await?
    {
        AuthorityOutcome::Changed(account) => {
            let user = &account.user;
            let (roles, scopes) = (list(&user.roles), list(&user.scopes));
            let text = format!(
                "{} now has the roles {roles} and the scopes {scopes}",
                called(user)
            );
            context.out.answer(&AccountView::from(&*account), &text)?;
            Ok(Exit::Done)
        }
        AuthorityOutcome::LastAdmin => Err(CliError::LastAdmin),
        AuthorityOutcome::UnknownRole(name) => Err(CliError::NoSuch { kind: "role", name }),
        AuthorityOutcome::TooManyScopes => Err(CliError::TooManyScopes),
        AuthorityOutcome::NotYours => Err(CliError::NotAllowed),
        AuthorityOutcome::NotFound => Err(no_user(&id.to_string())),
    }
}
