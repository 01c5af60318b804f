//! The command line: every command, and the options that all of them take.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::exit;
#[cfg(feature = "offline")]
use super::offline;
use super::{
    authority, backup, completions, config, doctor, keys, migrate, monitor, reference, roles,
    serve, sessions, store, token, users,
};

/// Authentication and authorization for GraphQL and serverless APIs.
///
/// Without a command it serves. Commands about users, roles, keys and sessions work on the data
/// directory, also while a server runs on it.
#[derive(Parser, Debug)]
#[command(
    name = "countersign",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  countersign
  countersign users create --admin --email you@example.com
  countersign doctor",
    after_long_help = long_help_end(),
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) serve: serve::Flags,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

fn long_help_end() -> String {
    format!(
        "\
Examples:
  countersign
  countersign users create --admin --email you@example.com
  countersign doctor

{}",
        exit::TABLE
    )
}

/// What every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Common options")]
pub(super) struct Common {
    /// Read settings from this file instead of `countersign.toml` in the working directory.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// The directory with the database and the master key.
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data_dir: Option<String>,
    /// Set any setting that is no secret, such as `tokens.access_lifetime=5m`. Secrets come from
    /// files or the environment.
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// Answer in JSON: one document, or one a line for lists.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Say nothing but the answer and errors.
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
}

/// Every command.
#[derive(Subcommand, Debug)]
pub(super) enum Command {
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    Store(store::Store),
    #[command(subcommand)]
    Users(users::Users),
    #[command(subcommand)]
    Roles(roles::Roles),
    Grant(authority::Grant),
    Revoke(authority::Revoke),
    #[command(subcommand)]
    Keys(keys::Keys),
    #[command(subcommand)]
    Sessions(sessions::Sessions),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Config(config::Config),
    Monitor(monitor::Monitor),
    Doctor(doctor::Doctor),
    Backup(backup::Backup),
    #[cfg(feature = "offline")]
    Offline(offline::Offline),
    Completions(completions::Completions),
    #[command(hide = true)]
    CliReference(reference::CliReference),
}
