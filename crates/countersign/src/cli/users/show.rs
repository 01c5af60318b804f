//! `users show`.

use clap::Args;

use super::view::{AccountView, in_words};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::find_user::find_user;

/// Show one user, and everything that they may do.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign users show ada@example.com
  countersign users show ada --json | jq -r .effective_scope")]
pub(in crate::cli) struct Show {
    /// An id, e-mail address or username.
    user: String,
}

impl Show {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let account = find_user(&context.instance().await?.app, &self.user).await?;
        context
            .out
            .answer(&AccountView::from(&account), &in_words(&account))?;
        Ok(Exit::Done)
    }
}
