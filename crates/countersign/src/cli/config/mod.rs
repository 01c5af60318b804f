//! `config`: what is set, and what could be.

mod check;
mod print;
mod show;
pub(super) mod view;

use clap::Subcommand;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;

/// Check and show the configuration, and everything that can be set.
#[derive(Subcommand, Debug)]
pub(super) enum Config {
    Check(check::Check),
    Show(show::Show),
    Reference(print::Reference),
    Example(print::Example),
}

impl Config {
    pub(super) fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Check(_) => check::Check::run(context),
            Self::Show(command) => command.run(context),
            Self::Reference(_) => print::Reference::run(context),
            Self::Example(_) => print::Example::run(context),
        }
    }
}
