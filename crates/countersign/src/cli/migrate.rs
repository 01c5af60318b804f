//! `migrate`: brings the schema of the database up to date, or tells whether it is.

use clap::Args;
use countersign_app::ports::StoreAdmin;
use countersign_store_sqlite::SqliteError;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;
use crate::compose::{ComposeError, IfMissing, OpenStore, open_store};
use crate::config::Settings;

/// Make the database, or bring its schema up to date.
///
/// The server does so at its start by itself, unless `store.migrate` is false; this is for
/// deployments that want it as a step of its own. Of several that run at once, one migrates and the
/// others wait for it. With `--check` nothing is changed, and the exit code is 1 if a migration is
/// missing.
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
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let settings = context.settings()?;
        match open(&settings, IfMissing::Refuse) {
            Ok(store) if self.check => check(context, store.admin.as_ref()).await,
            Ok(store) => migrate(context, store.admin.as_ref()).await,
            Err(ComposeError::Store(SqliteError::Missing(_))) if !self.check => {
                let made = open(&settings, IfMissing::Make)?;
                let answer = serde_json::json!({ "created": true, "applied": [] });
                let place = made
                    .sqlite
                    .map_or(made.address, |file| file.path().display().to_string());
                let text = format!("made the database {place}");
                context.out.answer(&answer, &text)?;
                Ok(Exit::Done)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn open(settings: &Settings, if_missing: IfMissing) -> Result<OpenStore, ComposeError> {
    open_store(&settings.store.url, &settings.store, if_missing)
}

async fn check(context: &Context, store: &dyn StoreAdmin) -> Result<Exit, CliError> {
    let missing = store.pending_migrations().await?;
    let text = if missing.is_empty() {
        "the database is up to date".to_owned()
    } else {
        format!("missing: {}; run `countersign migrate`", missing.join(", "))
    };
    context
        .out
        .answer(&serde_json::json!({ "missing": missing }), &text)?;
    Ok(if missing.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

async fn migrate(context: &Context, store: &dyn StoreAdmin) -> Result<Exit, CliError> {
    let applied = store.migrate().await?;
    let text = if applied.is_empty() {
        "the database was up to date".to_owned()
    } else {
        format!("applied: {}", applied.join(", "))
    };
    let answer = serde_json::json!({ "created": false, "applied": applied });
    context.out.answer(&answer, &text)?;
    Ok(Exit::Done)
}
