//! How the schema of a database moves on: numbered steps forward that are part of the program, each
//! recorded in the database with the SHA-256 of its text. The rules are here, the same for every
//! engine; a store brings its steps, and records and applies them in its engine's way.
//!
//! An instance one version older goes on working beside a newer one: each step says from which
//! schema on a program can work with its result ([`Migration::serves_from`]), the database records
//! it, and a program that finds steps it does not know goes on if they serve it.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::ports::StoreError;

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number, from 1.
    pub version: u32,
    /// Its name.
    pub name: &'static str,
    /// What it does, in the engine's language.
    pub text: &'static str,
    /// The oldest schema version whose programs work with the result: lower than `version` for a
    /// step that only adds, `version` for one after which older programs must stop.
    pub serves_from: u32,
}

impl Migration {
    /// The number and name, as in `0001_first`.
    pub fn label(&self) -> String {
        format!("{:04}_{}", self.version, self.name)
    }

    /// SHA-256 of the text, in hex.
    pub fn checksum(&self) -> String {
        let digest = Sha256::digest(self.text.as_bytes());
        let mut hex = String::with_capacity(64);
        for byte in digest {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }
}

/// A step as a database has it on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its number.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// Its checksum.
    pub checksum: String,
    /// See [`Migration::serves_from`].
    pub serves_from: u32,
}

impl Applied {
    /// The record of a step.
    pub fn of(migration: &Migration) -> Self {
        Self {
            version: migration.version,
            name: migration.name.to_owned(),
            checksum: migration.checksum(),
            serves_from: migration.serves_from,
        }
    }
}

/// The schema can't be used or brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// There are tables, but not ours.
    #[error("{0} holds the data of another program: choose another database")]
    Foreign(String),
    /// A step that was applied reads differently in this program.
    #[error(
        "migration {version} ({name}) of the database is not the one in this program: use the \
         program that the database was made with, or one released after it"
    )]
    Changed {
        /// Its number.
        version: u32,
        /// Its name, as the database has it.
        name: String,
    },
    /// The database is too far ahead of this program.
    #[error(
        "the database has migration {version} ({name}), after which this program can't use it: \
         use a newer program, or a backup from before the upgrade"
    )]
    TooNew {
        /// Its number.
        version: u32,
        /// Its name, as the database has it.
        name: String,
    },
    /// A step could not be applied.
    #[error("migration {label} could not be applied: {reason}")]
    Failed {
        /// Which.
        label: String,
        /// What the engine said.
        reason: String,
    },
    /// The database did not answer, or not as it should.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SchemaError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Foreign(_) => "store_foreign",
            Self::Changed { .. } => "store_migration_changed",
            Self::TooNew { .. } => "store_too_new",
            Self::Failed { .. } => "store_migration_failed",
            Self::Store(StoreError::Unavailable(_)) => "unavailable",
            Self::Store(StoreError::Corrupt(_)) => "internal",
        }
    }
}

/// The steps of this program that a database lacks, in order. Refuses a database whose record
/// differs from the program's, or that has moved on too far.
pub fn pending<'m>(
    applied: &[Applied],
    known: &'m [Migration],
) -> Result<Vec<&'m Migration>, SchemaError> {
    let newest = known.iter().map(|m| m.version).max().unwrap_or(0);
    for step in applied {
        match known.iter().find(|m| m.version == step.version) {
            Some(ours) if ours.checksum() != step.checksum => {
                return Err(SchemaError::Changed {
                    version: step.version,
                    name: step.name.clone(),
                });
            }
            None if step.serves_from > newest => {
                return Err(SchemaError::TooNew {
                    version: step.version,
                    name: step.name.clone(),
                });
            }
            Some(_) | None => {}
        }
    }
    let lacks = |m: &&Migration| applied.iter().all(|step| step.version != m.version);
    Ok(known.iter().filter(lacks).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(version: u32, serves_from: u32) -> Migration {
        Migration {
            version,
            name: "step",
            text: "text",
            serves_from,
        }
    }

    #[test]
    fn what_a_database_lacks_is_pending_in_order() {
        let known = [step(1, 1), step(2, 1), step(3, 1)];
        let labels = |applied: &[Applied]| -> Vec<String> {
            let pending = pending(applied, &known).unwrap();
            pending.iter().map(|m| m.label()).collect()
        };
        assert_eq!(labels(&[]), ["0001_step", "0002_step", "0003_step"]);
        assert_eq!(
            labels(&[Applied::of(&known[0])]),
            ["0002_step", "0003_step"]
        );
    }

    #[test]
    fn a_step_that_reads_differently_is_refused() {
        let applied = Applied {
            checksum: "another".to_owned(),
            ..Applied::of(&step(1, 1))
        };
        let known = [step(1, 1)];
        let refused = pending(&[applied], &known);
        assert!(matches!(
            refused,
            Err(SchemaError::Changed { version: 1, .. })
        ));
    }

    #[test]
    fn an_older_program_goes_on_beside_a_step_that_serves_it() {
        let old = [step(1, 1)];
        let added = [Applied::of(&step(1, 1)), Applied::of(&step(2, 1))];
        assert!(pending(&added, &old).unwrap().is_empty());
        let broken = [Applied::of(&step(1, 1)), Applied::of(&step(2, 2))];
        let refused = pending(&broken, &old);
        assert!(matches!(
            refused,
            Err(SchemaError::TooNew { version: 2, .. })
        ));
    }
}
