//! The lines of a file, whichever way it is written: each its number, where it ends, and its
//! fields, or what is wrong with it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;

use super::Field;
use super::cell::Cell;
use super::csv_rows::CsvRows;
use super::jsonl_rows::JsonlRows;
use super::problem::Problem;
use crate::cli::users::format::Format;

/// The longest line, in bytes: no user needs more, and a file without line ends fills no memory.
pub(super) const MAX_LINE_BYTES: usize = 256 * 1024;

/// One line.
pub(super) struct Row {
    /// Counted from 1.
    pub(super) line: u64,
    /// Up to which byte the file is read.
    pub(super) end: u64,
    /// What it says, or what is wrong with it.
    pub(super) fields: Result<Fields, Vec<Problem>>,
}

/// The values of a line.
pub(super) type Fields = BTreeMap<Field, Cell>;

/// The lines of a file.
pub(super) fn rows<'f>(
    file: &'f File,
    format: Format,
) -> Box<dyn Iterator<Item = io::Result<Row>> + Send + 'f> {
    match format {
        Format::Jsonl => Box::new(JsonlRows::new(file)),
        Format::Csv => Box::new(CsvRows::new(file)),
    }
}

/// Sorts named values into fields, and reports names that are unknown or come twice.
pub(super) fn sorted(
    line: u64,
    named: impl IntoIterator<Item = (String, Cell)>,
) -> Result<Fields, Vec<Problem>> {
    let mut fields = Fields::new();
    let mut problems = Vec::new();
    for (name, cell) in named {
        match Field::from_name(&name) {
            None => problems.push(Problem::unknown(line, &name)),
            Some(field) => {
                if fields.insert(field, cell).is_some() {
                    problems.push(Problem::field(line, field.name(), "stands there twice"));
                }
            }
        }
    }
    if problems.is_empty() {
        Ok(fields)
    } else {
        Err(problems)
    }
}
