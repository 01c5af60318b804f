//! `token`: what an access token says, and whether that is true.

mod inspect;
mod read;
mod verify;

use clap::Subcommand;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;

/// Look into a token, or check it.
#[derive(Subcommand, Debug)]
pub(super) enum Token {
    Inspect(inspect::Inspect),
    Verify(verify::Verify),
}

impl Token {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Inspect(command) => command.run(context),
            Self::Verify(command) => command.run(context).await,
        }
    }
}
