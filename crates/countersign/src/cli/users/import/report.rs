//! What an import says: problems as they are found, and a summary at the end. For programs both are
//! JSON, one a line.

use serde::Serialize;

use super::problem::Problem;
use crate::cli::error::CliError;
use crate::cli::output::{Output, say};
use crate::cli::progress::Progress;
use crate::cli::table::count;

/// How it went.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    kind: &'static str,
    dry_run: bool,
    /// How many lines with users there are.
    pub(super) users: u64,
    /// How many users were made, or would be.
    pub(super) created: u64,
    /// How many are there already.
    pub(super) already_there: u64,
    /// How many things are wrong.
    pub(super) problems: u64,
}

impl Summary {
    pub(super) fn new(dry_run: bool) -> Self {
        Self {
            kind: "summary",
            dry_run,
            users: 0,
            created: 0,
            already_there: 0,
            problems: 0,
        }
    }

    /// Says what is wrong, in the order of the lines.
    pub(super) fn report(
        &mut self,
        out: Output,
        bar: &Progress,
        mut problems: Vec<Problem>,
    ) -> Result<(), CliError> {
        problems.sort_by_key(|problem| problem.line);
        self.problems += u64::try_from(problems.len()).unwrap_or(0);
        bar.aside(|| {
            problems.iter().try_for_each(|problem| {
                if out.is_json() {
                    out.json(problem)
                } else {
                    say(&problem.to_string());
                    Ok(())
                }
            })
        })
    }

    /// Says how it went.
    pub(super) fn conclude(&self, out: Output) -> Result<(), CliError> {
        out.answer(self, &self.in_words())
    }

    fn in_words(&self) -> String {
        let (created, there) = (self.created, self.already_there);
        if self.problems > 0 && created == 0 {
            return format!(
                "{} found; nothing was imported",
                count(self.problems, "problem")
            );
        }
        if self.problems > 0 {
            let found = count(self.problems, "problem");
            return format!(
                "imported {}; {found} found meanwhile",
                count(created, "user")
            );
        }
        let they = if there == 1 { "is" } else { "are" };
        match (self.dry_run, created) {
            (_, 0) if there > 0 => {
                format!(
                    "nothing to do: {} {they} there already",
                    count(there, "user")
                )
            }
            (_, 0) => "nothing to do: the file holds no users".to_owned(),
            (true, _) => {
                format!(
                    "would import {}; {there} {they} there already",
                    count(created, "user")
                )
            }
            (false, _) => {
                format!(
                    "imported {}; {there} {they} there already",
                    count(created, "user")
                )
            }
        }
    }
}
