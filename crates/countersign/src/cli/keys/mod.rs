//! `keys`: what signs tokens.

mod list;
mod retire;
mod rotate;
mod view;

use clap::Subcommand;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;

/// List, rotate and retire the keys that sign tokens.
#[derive(Subcommand, Debug)]
pub(super) enum Keys {
    List(list::List),
    Rotate(rotate::Rotate),
    Retire(retire::Retire),
}

impl Keys {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::List(_) => list::List::run(context).await,
            Self::Rotate(command) => command.run(context).await,
            Self::Retire(command) => command.run(context).await,
        }
    }
}
