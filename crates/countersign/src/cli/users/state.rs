//! `users disable` and `users enable`.

use clap::Args;
use countersign_app::admin::{Admin, StateOutcome};
use countersign_domain::user::UserState;

use super::view::AccountView;
use crate::cli::context::{Context, origin};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::find_user::{called, find_user, no_user};

/// Shut a user out, and end all their sessions.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign users disable ada@example.com")]
pub(in crate::cli) struct Disable {
    /// An id, e-mail address or username.
    user: String,
}

/// Let a user in again who was disabled or locked.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign users enable ada@example.com")]
pub(in crate::cli) struct Enable {
    /// An id, e-mail address or username.
    user: String,
}

impl Disable {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        set(
            context,
            &self.user,
            UserState::Disabled,
            "disabled",
            "their sessions are ended",
        )
        .await
    }
}

impl Enable {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        set(
            context,
            &self.user,
            UserState::Active,
            "enabled",
            "they can log in",
        )
        .await
    }
}

async fn set(
    context: &Context,
    name: &str,
    state: UserState,
    done: &str,
    so: &str,
) -> Result<Exit, CliError> {
    let app = context.instance().await?.app;
    let user = find_user(&app, name).await?.user;
    match app
        .set_user_state(Admin::CommandLine, user.id, state, &origin())
        .await?
    {
        StateOutcome::Changed(account) => {
            let text = format!("{done} {}; {so}", called(&account.user));
            context.out.answer(&AccountView::from(&*account), &text)?;
            Ok(Exit::Done)
        }
        StateOutcome::LastAdmin => Err(CliError::LastAdmin),
        StateOutcome::NotYours => Err(CliError::NotAllowed),
        StateOutcome::NotFound => Err(no_user(name)),
    }
}
