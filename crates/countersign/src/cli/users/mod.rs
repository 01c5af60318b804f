//! `users`: everything about accounts.

mod create;
mod delete;
mod export;
mod export_rows;
mod fields;
mod format;
mod import;
mod list;
mod set_password;
mod show;
mod state;
mod view;

use clap::Subcommand;
pub(super) use fields::parsed;
pub(super) use view::AccountView;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;

/// Create, find, change, import and export users.
#[derive(Subcommand, Debug)]
pub(super) enum Users {
    Create(create::Create),
    List(list::List),
    Show(show::Show),
    Disable(state::Disable),
    Enable(state::Enable),
    SetPassword(set_password::SetPassword),
    Delete(delete::Delete),
    Import(import::Import),
    Export(export::Export),
}

impl Users {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        match self {
            Self::Create(command) => command.run(context).await,
            Self::List(command) => command.run(context).await,
            Self::Show(command) => command.run(context).await,
            Self::Disable(command) => command.run(context).await,
            Self::Enable(command) => command.run(context).await,
            Self::SetPassword(command) => command.run(context).await,
            Self::Delete(command) => command.run(context).await,
            Self::Import(command) => command.run(context).await,
            Self::Export(command) => command.run(context).await,
        }
    }
}
