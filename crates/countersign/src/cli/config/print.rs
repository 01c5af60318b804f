//! `config reference` and `config example`: what can be set.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::config;

/// Print the reference of all settings, as Markdown.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign config reference | less")]
pub(in crate::cli) struct Reference {}

/// Print a `countersign.toml` with every setting in it, commented out at its default.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign config example > countersign.toml")]
pub(in crate::cli) struct Example {}

impl Reference {
    pub(super) fn run(context: &Context) -> Result<Exit, CliError> {
        context.out.raw(&config::reference())?;
        Ok(Exit::Done)
    }
}

impl Example {
    pub(super) fn run(context: &Context) -> Result<Exit, CliError> {
        context.out.raw(&config::example())?;
        Ok(Exit::Done)
    }
}
