//! `store`: what an operator does with whole stores, whatever their engines.

mod address;
mod check;
mod copy;
mod interrupt;

use clap::Subcommand;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;

/// Copy everything to another store, and check that a store holds together.
#[derive(Subcommand, Debug)]
pub(super) enum Store {
    Copy(copy::Copy),
    Check(check::Check),
}

impl Store {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Copy(command) => command.run(context).await,
            Self::Check(command) => command.run(context).await,
        }
    }
}
