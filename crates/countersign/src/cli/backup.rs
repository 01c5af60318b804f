//! `backup`: a copy of the database while it is in use.

use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;
use super::progress::Progress;

/// The page size of a database of ours.
const PAGE_BYTES: u64 = 4096;

/// Copy the database file of an `sqlite:` store, as it is at one moment, while the server goes on.
///
/// Other engines have their own tools for it: `pg_dump`, `mariadb-dump` or `mysqldump`, `mongodump`,
/// or a table's backups.
///
/// The copy appears under its name when it is whole. It holds users, password hashes and sealed
/// keys, so it is readable by its owner only. The master key that opens those keys is not in it:
/// keep that in another place. To restore, stop the server and put the copy where the database was.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign backup --to /backup/countersign-2026-01-31.db")]
pub(super) struct Backup {
    /// The file to make. It must not exist.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let instance = context.instance().await?;
        let Some(store) = instance.sqlite else {
            let engine = instance.admin.engine();
            let tool = tool_of(engine);
            return Err(CliError::BackupElsewhere { engine, tool });
        };
        let bar = Progress::bytes(context.out, "copying", 0);
        let shown = bar.handle();
        let report = move |progress: countersign_store_sqlite::BackupProgress| {
            shown.set_length(u64::from(progress.total) * PAGE_BYTES);
            shown.set_position(u64::from(progress.copied) * PAGE_BYTES);
        };
        store.backup_to(&self.to, report).await?;
        drop(bar);
        let bytes = std::fs::metadata(&self.to)
            .map(|made| made.len())
            .unwrap_or_default();
        let path = self.to.display().to_string();
        let text = format!(
            "copied the database to {path} ({})",
            bytesize::ByteSize::b(bytes)
        );
        context
            .out
            .answer(&serde_json::json!({ "file": path, "bytes": bytes }), &text)?;
        context
            .out
            .note("The master key is not in it: keep a copy of that in another place.");
        Ok(Exit::Done)
    }
}

/// What the people of an engine use.
fn tool_of(engine: &str) -> &'static str {
    match engine {
        "PostgreSQL" => "pg_dump",
        "MySQL" | "MariaDB" => "mariadb-dump or mysqldump with --single-transaction",
        "MongoDB" => "mongodump",
        "DynamoDB" => "an on-demand backup or point-in-time recovery of the table",
        _ => "the tools of the engine",
    }
}
