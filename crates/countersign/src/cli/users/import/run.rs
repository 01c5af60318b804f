//! The course of an import: check everything, then bring everything in.

use std::io;

use countersign_app::App;
use countersign_app::admin::ImportEntry;

use super::Import;
use super::check::{as_problems, check};
use super::entry::entry;
use super::report::Summary;
use super::rows::{Row, rows};
use super::source::Source;
use crate::cli::context::{Context, origin};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::cli::users::format::Format;
use crate::compose;

/// How many users go to the store at once.
pub(super) const BATCH: usize = 500;

/// The lines of the file, and what to say if they can't be read.
pub(super) struct Lines<'a> {
    pub(super) rows: Box<dyn Iterator<Item = io::Result<Row>> + Send + 'a>,
    pub(super) cannot: &'a (dyn Fn(io::Error) -> CliError + Send + Sync),
}

impl Import {
    pub(in crate::cli::users) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let out = context.out;
        let settings = context.settings()?;
        let app = compose::open_without_keys(&settings).await?.app;
        let mut source = Source::open(&self.file, &settings.data_dir)?;
        let bytes = source.bytes();
        let format = self.format.unwrap_or_else(|| Format::of(&self.file));
        let cannot = |source| CliError::Read {
            path: self.file.clone(),
            source,
        };

        let mut checked = Summary::new(self.dry_run);
        let bar = Progress::bytes(out, "checking", bytes);
        let file = source.rewound().map_err(cannot)?;
        let lines = Lines {
            rows: rows(file, format),
            cannot: &cannot,
        };
        check(&app, lines, out, &bar, &mut checked).await?;
        drop(bar);
        if checked.problems > 0 {
            checked.created = 0;
            checked.conclude(out)?;
            return Ok(Exit::Refused);
        }
        if self.dry_run || checked.created == 0 {
            checked.conclude(out)?;
            return Ok(Exit::Done);
        }

        let mut summary = Summary::new(false);
        summary.users = checked.users;
        let bar = Progress::bytes(out, "importing", bytes);
        let file = source.rewound().map_err(cannot)?;
        let lines = Lines {
            rows: rows(file, format),
            cannot: &cannot,
        };
        bring_in(&app, lines, out, &bar, &mut summary).await?;
        drop(bar);
        summary.conclude(out)?;
        Ok(if summary.problems == 0 {
            Exit::Done
        } else {
            Exit::Refused
        })
    }
}

/// The second reading: everything goes to the store.
async fn bring_in(
    app: &App,
    lines: Lines<'_>,
    out: Output,
    bar: &Progress,
    summary: &mut Summary,
) -> Result<(), CliError> {
    let mut entries = Vec::with_capacity(BATCH);
    for row in lines.rows {
        let Row { line, end, fields } = row.map_err(lines.cannot)?;
        let fields = fields.map_err(|_| CliError::FileChanged)?;
        entries.push(entry(line, fields, app).map_err(|_| CliError::FileChanged)?);
        if entries.len() == BATCH {
            bring_in_batch(app, &mut entries, out, bar, summary).await?;
            bar.at(end);
        }
    }
    bring_in_batch(app, &mut entries, out, bar, summary).await
}

async fn bring_in_batch(
    app: &App,
    entries: &mut Vec<ImportEntry>,
    out: Output,
    bar: &Progress,
    summary: &mut Summary,
) -> Result<(), CliError> {
    let batch = std::mem::replace(entries, Vec::with_capacity(BATCH));
    let report = app.import_users(batch.clone(), &origin()).await?;
    summary.created += report.created;
    summary.already_there += report.already_there;
    // Somebody signed up since the check.
    summary.report(out, bar, as_problems(&report, &batch))
}
