//! What loading finds besides values: errors, which stop the start, and warnings, which don't.

use std::fmt;

use super::error::{ConfigError, Fault};
use super::place::Place;
use super::secret_file::SecretFileFault;

/// Something that works but should be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The setting that it is about.
    pub key: String,
    /// Where it was written.
    pub place: Place,
    /// What should be looked at.
    pub caution: Caution,
}

/// What should be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caution {
    /// Other users may read a secret's file.
    ReadableByOthers,
    /// A deliberate but risky choice; the text says what it risks.
    Risky(&'static str),
    /// A setting that changes nothing; the text says why.
    WithoutEffect(&'static str),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.caution {
            Caution::ReadableByOthers => {
                "names a secret's file that other users may read; run chmod 600 on it"
            }
            Caution::Risky(text) | Caution::WithoutEffect(text) => text,
        };
        write!(f, "{} ({}) {text}", self.key, self.place)
    }
}

/// Everything found so far.
#[derive(Debug, Default)]
pub(in crate::config) struct Findings {
    pub(in crate::config) errors: Vec<ConfigError>,
    pub(in crate::config) warnings: Vec<Warning>,
}

impl Findings {
    pub(in crate::config) fn refuse(&mut self, key: &str, place: Place, fault: Fault, fix: &str) {
        let (key, fix) = (Some(key.to_owned()), fix.to_owned());
        self.errors.push(ConfigError {
            key,
            place,
            fault,
            fix,
        });
    }

    pub(in crate::config) fn refuse_file(
        &mut self,
        key: &str,
        place: Place,
        fault: SecretFileFault,
    ) {
        let fix = fault.fix();
        self.refuse(key, place, Fault::SecretFile(fault), fix);
    }

    pub(in crate::config) fn warn(&mut self, key: &str, place: Place, caution: Caution) {
        self.warnings.push(Warning {
            key: key.to_owned(),
            place,
            caution,
        });
    }

    /// Whether a setting has an error already.
    pub(in crate::config) fn is_faulty(&self, key: &str) -> bool {
        self.errors
            .iter()
            .any(|error| error.key.as_deref() == Some(key))
    }
}
