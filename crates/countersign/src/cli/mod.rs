//! The command line. Each command is a file: its arguments, the use cases that it calls, and its
//! answer for people and for programs. What is decided, is decided in `countersign_app`.

mod args;
mod authority;
mod backup;
mod completions;
mod config;
mod confirm;
mod context;
mod doctor;
mod error;
mod exit;
mod find_user;
mod keys;
mod migrate;
mod monitor;
#[cfg(feature = "offline")]
mod offline;
mod output;
mod password;
mod progress;
mod reference;
mod roles;
mod serve;
mod sessions;
mod store;
mod table;
mod token;
mod users;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;

use args::{Cli, Command};
use context::Context;
use error::CliError;
use exit::Exit;
pub use reference::reference;

/// Runs the command that the arguments name, and gives the exit code of the process.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let begun = Instant::now();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; a reader who went away is no failure.
            let _ = error.print();
            let code = u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8);
            return ExitCode::from(code);
        }
    };
    let context = Context::new(cli.common.clone(), begun);
    let out = context.out;
    match start(cli, context) {
        Ok(exit) => exit.into(),
        Err(error) if error.is_closed_output() => Exit::Done.into(),
        Err(error) => {
            out.error(&error);
            error.exit().into()
        }
    }
}

fn start(cli: Cli, context: Context) -> Result<Exit, CliError> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().build().map_err(CliError::Start)?;
    runtime.block_on(dispatch(cli, context))
}

async fn dispatch(cli: Cli, context: Context) -> Result<Exit, CliError> {
    let context = &context;
    let Some(command) = cli.command else {
        return serve::run(&cli.serve, context).await;
    };
    cli.serve.refuse_before_a_command()?;
    match command {
        Command::Serve(command) => serve::run(&command.flags, context).await,
        Command::Migrate(command) => command.run(context).await,
        Command::Store(command) => command.run(context).await,
        Command::Users(command) => command.run(context).await,
        Command::Roles(command) => command.run(context).await,
        Command::Grant(command) => command.run(context).await,
        Command::Revoke(command) => command.run(context).await,
        Command::Keys(command) => command.run(context).await,
        Command::Sessions(command) => command.run(context).await,
        Command::Token(command) => command.run(context).await,
        Command::Config(command) => command.run(context),
        Command::Monitor(command) => command.run(context).await,
        Command::Doctor(_) => doctor::Doctor::run(context).await,
        Command::Backup(command) => command.run(context).await,
        #[cfg(feature = "offline")]
        Command::Offline(command) => command.run(context).await,
        Command::Completions(command) => command.run(context),
        Command::CliReference(_) => reference::CliReference::run(context),
    }
}
