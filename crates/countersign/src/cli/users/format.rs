//! The two ways in which users are written to a file.

use std::path::Path;

use clap::ValueEnum;

/// How a file of users is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// JSON Lines: one JSON object a line.
    Jsonl,
    /// CSV with a header line (RFC 4180).
    Csv,
}

impl Format {
    /// What the ending of a file's name says; JSON Lines if it says nothing.
    pub(super) fn of(path: &Path) -> Self {
        match path.extension() {
            Some(ending) if ending.eq_ignore_ascii_case("csv") => Self::Csv,
            _ => Self::Jsonl,
        }
    }
}
