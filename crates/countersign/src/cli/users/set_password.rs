//! `users set-password`.

use clap::Args;
use countersign_app::admin::{Admin, SetPasswordOutcome};

use crate::cli::context::{Context, origin};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::find_user::{called, find_user, no_user};
use crate::cli::password::PasswordSource;
use crate::cli::table::count;

/// Set a user's password, and end all their sessions.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign users set-password ada@example.com
  openssl rand -base64 18 | tee new | countersign users set-password ada --password-file -")]
pub(in crate::cli) struct SetPassword {
    /// An id, e-mail address or username.
    user: String,
    #[command(flatten)]
    password: PasswordSource,
}

impl SetPassword {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let user = find_user(&app, &self.user).await?.user;
        let name = called(&user);
        let password = self.password.read(&name)?;
        match app
            .set_password(Admin::CommandLine, user.id, password, &origin())
            .await?
        {
            SetPasswordOutcome::Changed { ended_sessions } => {
                let ended = count(ended_sessions, "session");
                let text = format!("set the password of {name}; ended {ended}");
                let id = user.id.to_string();
                let answer = serde_json::json!({ "id": id, "ended_sessions": ended_sessions });
                context.out.answer(&answer, &text)?;
                Ok(Exit::Done)
            }
            SetPasswordOutcome::Weak(weak) => Err(CliError::Weak(weak)),
            SetPasswordOutcome::NotYours => Err(CliError::NotAllowed),
            SetPasswordOutcome::NotFound => Err(no_user(&self.user)),
        }
    }
}
