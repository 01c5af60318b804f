//! `keys list`.

use clap::Args;

use super::view::show;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// List the keys and where each stands.
///
/// An upcoming key is published and signs nothing yet; the active one signs; a retiring one signs
/// no more, and is published until the last token that it signed has died.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign keys list
  countersign keys list --json | jq -r 'select(.stage == \"active\").id'")]
pub(in crate::cli) struct List {}

impl List {
    pub(super) async fn run(context: &Context) -> Result<Exit, CliError> {
        let instance = context.instance().await?;
        show(context, instance.store.as_ref(), &instance.app).await?;
        Ok(Exit::Done)
    }
}
