//! `roles`: named bags of scopes.

mod define;
mod delete;
mod list;

use clap::Subcommand;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;

/// List, define and delete roles.
#[derive(Subcommand, Debug)]
pub(super) enum Roles {
    List(list::List),
    Define(define::Define),
    Delete(delete::Delete),
}

impl Roles {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::List(_) => list::List::run(context).await,
            Self::Define(command) => command.run(context).await,
            Self::Delete(command) => command.run(context).await,
        }
    }
}
