//! What can be wrong with a configuration. Every error names the key, the place it came from, what
//! is wrong and how to mend it; no error holds a secret value.

use std::fmt;

use super::place::Place;
use super::secret_file::SecretFileFault;
use super::value::Wrong;

/// Everything that is wrong, in one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The key or variable that it is about; none where a whole file can't be read.
    pub key: Option<String>,
    /// Where it was written.
    pub place: Place,
    /// What is wrong.
    pub fault: Fault,
    /// What to do about it.
    pub fix: String,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No setting has this key.
    #[error("is not a setting")]
    UnknownKey,
    /// No setting has this environment variable.
    #[error("is not a setting's environment variable")]
    UnknownVariable,
    /// The file is not well-formed.
    #[error("can't be understood: {0}")]
    Syntax(String),
    /// The value is not one that the setting takes.
    #[error("{}{wrong}", shown(.value.as_deref()))]
    BadValue {
        /// What is wrong with it.
        wrong: Wrong,
        /// The value, unless it must not be shown.
        value: Option<String>,
    },
    /// The setting has no value and needs one.
    #[error("is not set, and has no default")]
    Missing,
    /// A secret on the command line.
    #[error("is a secret, and flags are visible to every user of the machine")]
    SecretInFlag,
    /// A secret in the configuration file.
    #[error("is a secret, and the configuration file is no place for one")]
    SecretInFile,
    /// A setting of a repeated table, given elsewhere than in the file.
    #[error("belongs to a list of tables, which only the configuration file can hold")]
    OnlyInFile,
    /// A group of settings, given as if it were one.
    #[error("is a group of settings, not a value")]
    NotAValue,
    /// A file can't be read.
    #[error("can't be read: {0}")]
    Unreadable(String),
    /// A variable's value is not Unicode.
    #[error("is not valid UTF-8")]
    NotUnicode,
    /// A secret's file is missing, empty, too short or open to others.
    #[error(transparent)]
    SecretFile(#[from] SecretFileFault),
    /// A secret that is kept elsewhere could not be fetched, or is not usable.
    #[error("names a secret that can't be used: {0}")]
    Reference(String),
    /// A secret in an environment variable is not usable.
    #[error("{0}")]
    BadSecret(&'static str),
    /// Two settings contradict each other. The text says what must hold.
    #[error("{statement}")]
    Disagreement {
        /// The rule's stable name.
        rule: &'static str,
        /// What must hold.
        statement: &'static str,
    },
}

impl Fault {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownKey => "unknown_key",
            Self::UnknownVariable => "unknown_variable",
            Self::Syntax(_) => "syntax",
            Self::BadValue { .. } => "bad_value",
            Self::Missing => "missing",
            Self::SecretInFlag => "secret_in_flag",
            Self::SecretInFile => "secret_in_file",
            Self::OnlyInFile => "only_in_file",
            Self::NotAValue => "not_a_value",
            Self::Unreadable(_) => "unreadable",
            Self::NotUnicode => "not_unicode",
            Self::SecretFile(_) => "secret_file",
            Self::Reference(_) => "reference",
            Self::BadSecret(_) => "bad_secret",
            Self::Disagreement { rule, .. } => rule,
        }
    }
}

fn shown(value: Option<&str>) -> String {
    value
        .map(|value| format!("is {value:?}: "))
        .unwrap_or_default()
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Some(key) => writeln!(f, "{key} ({})", self.place)?,
            None => writeln!(f, "{}", self.place)?,
        }
        write!(f, "  {}\n  fix: {}", self.fault, self.fix)
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("the configuration has an error")?,
            count => write!(f, "the configuration has {count} errors")?,
        }
        self.0.iter().try_for_each(|error| write!(f, "\n\n{error}"))
    }
}

impl std::error::Error for ConfigErrors {}
