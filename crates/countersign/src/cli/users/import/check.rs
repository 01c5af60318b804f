//! The first reading: every line by itself, against the other lines, and against the store.

use countersign_app::App;
use countersign_app::admin::{ImportEntry, ImportReport, ImportedLine};
use countersign_app::ports::store::Imported;

use super::duplicates::Duplicates;
use super::entry::entry;
use super::problem::Problem;
use super::report::Summary;
use super::rows::Row;
use super::run::{BATCH, Lines};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::progress::Progress;

/// Reads all lines and reports everything that is wrong with them.
pub(super) async fn check(
    app: &App,
    lines: Lines<'_>,
    out: Output,
    bar: &Progress,
    summary: &mut Summary,
) -> Result<(), CliError> {
    let mut duplicates = Duplicates::default();
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    for row in lines.rows {
        let Row { line, end, fields } = row.map_err(lines.cannot)?;
        summary.users += 1;
        match fields.and_then(|fields| entry(line, fields, app)) {
            Err(wrong) => problems.extend(wrong),
            Ok(entry) => match duplicates.note(&entry) {
                twice if twice.is_empty() => entries.push(entry),
                twice => problems.extend(twice),
            },
        }
        if entries.len() >= BATCH || problems.len() >= BATCH {
            problems.extend(conflicts(app, &mut entries, summary).await?);
            summary.report(out, bar, std::mem::take(&mut problems))?;
            bar.at(end);
        }
    }
    problems.extend(conflicts(app, &mut entries, summary).await?);
    summary.report(out, bar, problems)
}

async fn conflicts(
    app: &App,
    entries: &mut Vec<ImportEntry>,
    summary: &mut Summary,
) -> Result<Vec<Problem>, CliError> {
    let report = app.check_import(entries).await?;
    let problems = as_problems(&report, entries);
    entries.clear();
    summary.created += report.created;
    summary.already_there += report.already_there;
    Ok(problems)
}

/// What the store said, in the words of a problem.
pub(super) fn as_problems(report: &ImportReport, entries: &[ImportEntry]) -> Vec<Problem> {
    let one = |ImportedLine { line, outcome }: &ImportedLine| {
        let (line, outcome) = (*line, *outcome);
        match outcome {
            Imported::UsernameTaken => {
                Problem::field(line, "username", "somebody else has it; choose another")
            }
            Imported::UnknownRole => {
                let entry = entries.iter().find(|entry| entry.line == line);
                let names = entry.map(|entry| {
                    let names: Vec<_> = entry.roles.iter().map(ToString::to_string).collect();
                    names.join(" ")
                });
                let names = names.unwrap_or_default();
                let fix = format!(
                    "not all of these are defined: {names}; see `countersign roles define`"
                );
                Problem::field(line, "roles", fix)
            }
            // The others are no conflicts.
            Imported::EmailTaken | Imported::Created | Imported::AlreadyThere => {
                Problem::field(line, "email", "somebody else has it; merge the two by hand")
            }
        }
    };
    report.conflicts.iter().map(one).collect()
}
