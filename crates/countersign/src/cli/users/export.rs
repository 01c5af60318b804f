//! `users export`: what `users import` reads.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use countersign_app::App;
use countersign_domain::page::{Cursor, PageRequest};

use super::export_rows::{RowWriter, csv_rows, jsonl_rows};
use super::format::Format;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::progress::Progress;
use crate::cli::table::count;

/// Write all users to a file or the standard output, as `users import` reads them.
///
/// Password hashes are left out unless asked for: whoever has them can guess passwords. A file is
/// made readable for its owner only.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign users export > users.jsonl
  countersign users export --with-password-hashes --to users.csv")]
pub(in crate::cli) struct Export {
    /// The file to make. It must not exist. Without it the standard output is used.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// How to write it; told by the file's ending unless given.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write the password hashes too.
    #[arg(long)]
    with_password_hashes: bool,
}

impl Export {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let format = match (self.format, &self.to) {
            (Some(format), _) => format,
            (None, Some(path)) => Format::of(path),
            (None, None) => Format::Jsonl,
        };
        let (target, failed): (Box<dyn Write + Send>, Failed) = match &self.to {
            None => (Box::new(io::stdout()), Box::new(CliError::Output)),
            Some(path) => {
                let path = path.clone();
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let failed: Failed = Box::new(move |source| CliError::Write {
                    path: path.clone(),
                    source,
                });
                let file = options.open(self.to.as_deref().unwrap_or(&PathBuf::new()));
                (Box::new(file.map_err(&failed)?), failed)
            }
        };
        let target = BufWriter::with_capacity(1 << 16, target);
        let rows = match format {
            Format::Jsonl => jsonl_rows(target),
            Format::Csv => csv_rows(target, self.with_password_hashes).map_err(&failed)?,
        };
        let bar = Progress::counter(context.out, "users exported:");
        let number = self.write(&app, rows, &bar, &failed).await?;
        drop(bar);
        if let Some(path) = &self.to {
            let (path, users) = (path.display().to_string(), count(number, "user"));
            let answer = serde_json::json!({ "file": path, "users": number });
            context
                .out
                .answer(&answer, &format!("wrote {users} to {path}"))?;
        }
        Ok(Exit::Done)
    }

    async fn write(
        &self,
        app: &App,
        mut rows: Box<dyn RowWriter>,
        bar: &Progress,
        failed: &Failed,
    ) -> Result<u64, CliError> {
        let mut cursor = None;
        let mut number = 0;
        loop {
            let page = app
                .export_users(&PageRequest::forward(cursor, PageRequest::MAX))
                .await?;
            for record in &page.items {
                let hash = record
                    .password
                    .as_ref()
                    .filter(|_| self.with_password_hashes);
                rows.write(&record.account.user, hash).map_err(failed)?;
                number += 1;
            }
            bar.at(number);
            cursor = page
                .items
                .last()
                .map(|r| Cursor::after(r.account.user.id.as_uuid()));
            if !page.more {
                rows.finish().map_err(failed)?;
                return Ok(number);
            }
        }
    }
}

type Failed = Box<dyn Fn(io::Error) -> CliError + Send + Sync>;
