//! `sessions`: where a user is logged in.

mod end;
mod list;

use clap::Subcommand;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;

/// List a user's sessions, and end them.
#[derive(Subcommand, Debug)]
pub(super) enum Sessions {
    List(list::List),
    End(end::End),
}

impl Sessions {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::List(command) => command.run(context).await,
            Self::End(command) => command.run(context).await,
        }
    }
}
