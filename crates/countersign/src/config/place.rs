//! Where a value came from: named in every error, and in the listing of effective settings.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Built in.
    Default,
    /// Worked out from the settings that the text names.
    Follows(&'static str),
    /// The configuration file; line and column count from 1.
    File {
        /// The file as it was named.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The column, in characters.
        column: usize,
    },
    /// A file as a whole, which could not be read.
    WholeFile(PathBuf),
    /// A line of `.env`.
    DotEnv {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A flag of the command line, such as `--set` or `--listen`.
    Flag(String),
}

impl Place {
    /// Whether somebody wrote the value, rather than the program choosing it.
    pub fn is_written(&self) -> bool {
        !matches!(self, Self::Default | Self::Follows(_))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Follows(what) => write!(f, "default: {}", what.replace('`', "")),
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Self::WholeFile(path) => write!(f, "{}", path.display()),
            Self::DotEnv { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}
