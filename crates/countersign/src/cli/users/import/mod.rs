//! `users import`: a whole file or nothing.
//!
//! The file is read twice. The first time every line is checked, by itself, against the other
//! lines and against the store; if any is bad, nothing is imported. The second time it goes to the
//! store in batches. What is kept in memory is a batch, and 16 bytes for each name in the file.

mod cell;
mod check;
mod csv_rows;
mod duplicates;
mod entry;
mod field;
mod jsonl_rows;
mod problem;
mod report;
mod rows;
mod run;
mod source;

pub(super) use field::Field;

use std::path::PathBuf;

use clap::Args;

use super::format::Format;

/// Bring users in from a file, with their password hashes.
///
/// JSON Lines or CSV; docs/import.md describes the fields and the hashes. If any line is bad, all
/// bad lines are reported and nothing is imported (exit code 4). Users who are there already are
/// left as they are, so a second run changes nothing, and an interrupted one is finished by
/// running it again.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign users import users.jsonl --dry-run
  countersign users import users.csv
  psql -c 'copy (select …) to stdout csv header' | countersign users import - --format csv")]
pub(in crate::cli) struct Import {
    /// The file, or `-` for the standard input.
    file: PathBuf,
    /// How it is written; told by the file's ending unless given.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Check everything and change nothing.
    #[arg(long)]
    dry_run: bool,
}
