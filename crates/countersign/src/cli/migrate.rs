//! `migrate`: brings the schema of the database up to date, or tells whether it is.

use clap::Args;
use countersign_store_sqlite::{SqliteError, SqliteStore};

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;
use crate::compose::{sqlite_options, store_path};

/// Make the database, or bring its schema up to date.
///
/// The server does so at its start by itself; this is for deployments that want it as a step of
/// its own. With `--check` nothing is changed, and the exit code is 1 if a migration is missing.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign migrate
  countersign migrate --check || echo 'migrate before the deployment'")]
pub(super) struct Migrate {
    /// Change nothing; exit with 1 if a migration is missing.
    #[arg(long)]
    check: bool,
}

impl Migrate {
    pub(super) fn run(self, context: &Context) -> Result<Exit, CliError> {
        let settings = context.settings()?;
        let (path, options) = (store_path(&settings), sqlite_options(&settings));
        let pending = match SqliteStore::open_existing(&path, options.clone()) {
            Ok(store) => Some(store.migrations_pending()?),
            Err(SqliteError::Missing(_)) if !self.check => None,
            Err(error) => return Err(error.into()),
        };
        if self.check {
            let missing = pending.unwrap_or_default();
            let text = if missing.is_empty() {
                "the database is up to date".to_owned()
            } else {
                format!("missing: {}; run `countersign migrate`", missing.join(", "))
            };
            context
                .out
                .answer(&serde_json::json!({ "missing": missing }), &text)?;
            return Ok(if missing.is_empty() {
                Exit::Done
            } else {
                Exit::Failed
            });
        }
        drop(SqliteStore::open(&path, options)?);
        let text = match &pending {
            None => format!("made the database {}", path.display()),
            Some(applied) if applied.is_empty() => "the database was up to date".to_owned(),
            Some(applied) => format!("applied: {}", applied.join(", ")),
        };
        let answer = serde_json::json!({
            "created": pending.is_none(),
            "applied": pending.unwrap_or_default(),
        });
        context.out.answer(&answer, &text)?;
        Ok(Exit::Done)
    }
}
