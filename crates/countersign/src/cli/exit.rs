//! Exit codes, the same for every command.

use std::process::ExitCode;

/// How a command ended.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// It did what was asked.
    Done = 0,
    /// It could not, or a check found something.
    Failed = 1,
    /// The command line is wrong. The parser of arguments uses the same code.
    Usage = 2,
    /// What was named is not there.
    NotFound = 3,
    /// A rule forbids it, or something stands in its way.
    Refused = 4,
    /// The configuration is wrong, or the instance is not set up.
    Configuration = 5,
    /// The store is busy for now.
    Busy = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The table for help texts.
pub(super) const TABLE: &str = "\
Exit codes:
  0  done
  1  failed, or a check found something
  2  wrong usage
  3  not found
  4  refused: a rule forbids it, or something stands in its way
  5  the configuration is wrong, or the instance is not set up
  6  busy; try again";
