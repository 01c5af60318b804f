//! `users delete`.

use clap::Args;
use countersign_app::admin::{Admin, DeleteOutcome};

use crate::cli::confirm::Confirmation;
use crate::cli::context::{Context, origin};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::find_user::{called, find_user, no_user};

/// Delete a user with their sessions and tokens. What the audit log says of them stays.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign users delete ada@example.com
  countersign users delete 0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55 --yes")]
pub(in crate::cli) struct Delete {
    /// An id, e-mail address or username.
    user: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Delete {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let user = find_user(&app, &self.user).await?.user;
        let name = called(&user);
        self.confirmation
            .ask(&format!("Delete {name} ({}) for ever?", user.id))?;
        match app
            .delete_user(Admin::CommandLine, user.id, &origin())
            .await?
        {
            DeleteOutcome::Deleted => {
                let id = user.id.to_string();
                let text = format!("deleted {name} ({id})");
                context
                    .out
                    .answer(&serde_json::json!({ "id": id, "deleted": true }), &text)?;
                Ok(Exit::Done)
            }
            DeleteOutcome::LastAdmin => Err(CliError::LastAdmin),
            DeleteOutcome::NotYours => Err(CliError::NotAllowed),
            DeleteOutcome::NotFound => Err(no_user(&self.user)),
        }
    }
}
