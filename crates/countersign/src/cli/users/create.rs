//! `users create`.

use clap::Args;
use countersign_app::admin::{Admin, CreateUser, CreateUserOutcome};
use countersign_domain::email::EmailAddress;
use countersign_domain::names::{Label, Username};
use countersign_domain::role::{RoleName, RoleNames};

use super::fields::parsed;
use super::view::AccountView;
use crate::cli::context::{Context, origin};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::find_user::called;
use crate::cli::password::PasswordSource;

/// Create a user, for example the first admin.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign users create --admin --email you@example.com
  countersign users create --username ada --display-name 'Ada Lovelace' --role editor
  pass show ada | countersign users create --email ada@example.com --password-file -")]
#[group(id = "identifier", required = true, multiple = true, args = ["email", "username"])]
pub(in crate::cli) struct Create {
    /// The e-mail address.
    #[arg(long, value_name = "ADDRESS", value_parser = parsed::<EmailAddress>)]
    email: Option<EmailAddress>,
    /// The username.
    #[arg(long, value_name = "NAME", value_parser = parsed::<Username>)]
    username: Option<Username>,
    /// What other people see.
    #[arg(long, value_name = "NAME", value_parser = parsed::<Label>)]
    display_name: Option<Label>,
    /// Give the user the role `admin`.
    #[arg(long)]
    admin: bool,
    /// Give the user this role. May come several times.
    #[arg(long, value_name = "ROLE", value_parser = parsed::<RoleName>)]
    role: Vec<RoleName>,
    #[command(flatten)]
    password: PasswordSource,
    /// Set no password: the user can't log in until one is set.
    #[arg(long, conflicts_with = "password_file")]
    no_password: bool,
}

impl Create {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let instance = context.instance().await?;
        let email = self.email.as_ref().map(ToString::to_string);
        let username = self.username.as_ref().map(ToString::to_string);
        let name = email
            .clone()
            .or_else(|| username.clone())
            .unwrap_or_default();
        let password = if self.no_password {
            None
        } else {
            Some(self.password.read(&name)?)
        };
        let mut roles: RoleNames = self.role.into_iter().collect();
        if self.admin {
            roles.insert(RoleName::admin());
        }
        let command = CreateUser {
            username: self.username,
            email: self.email,
            display_name: self.display_name,
            password,
            roles,
        };
        let made = instance
            .app
            .create_user(Admin::CommandLine, command, &origin())
            .await?;
        let account = match made {
            CreateUserOutcome::Created(account) => account,
            CreateUserOutcome::NoIdentifier => {
                return Err(CliError::Usage(
                    "give --email, --username or both".to_owned(),
                ));
            }
            CreateUserOutcome::Weak(weak) => return Err(CliError::Weak(weak)),
            CreateUserOutcome::EmailTaken => {
                return Err(CliError::EmailTaken(email.unwrap_or_default()));
            }
            CreateUserOutcome::UsernameTaken => {
                return Err(CliError::UsernameTaken(username.unwrap_or_default()));
            }
            CreateUserOutcome::UnknownRole(name) => {
                return Err(CliError::NoSuch { kind: "role", name });
            }
            CreateUserOutcome::NotYours => return Err(CliError::NotAllowed),
        };
        let user = &account.user;
        let kind = if account.is_working_admin() {
            "admin"
        } else {
            "user"
        };
        let text = format!("created {kind} {} ({})", called(user), user.id);
        context.out.answer(&AccountView::from(&*account), &text)?;
        Ok(Exit::Done)
    }
}
