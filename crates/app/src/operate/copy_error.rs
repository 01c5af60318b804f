//! Why a copy could not be made, and what to do about it.

use std::fmt;

use crate::ports::store::StoreError;
use crate::ports::store_admin::RecordKind;
use crate::schema::SchemaError;

use super::records::ReadEnded;
use super::verify::Difference;

/// One side of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Where the records come from.
    Source,
    /// Where they go.
    Target,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Target => "target",
        })
    }
}

/// Nothing was copied, or not all, or not as it should be. The mark stays in a target that was
/// begun.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The schema of a side could not be told.
    #[error("the {side}: {source}")]
    Schema {
        /// Which side.
        side: Side,
        /// Why.
        source: SchemaError,
    },
    /// A side is not up to date.
    #[error("the {side} lacks migrations ({}): run `countersign migrate` on it first", names.join(", "))]
    Pending {
        /// Which side.
        side: Side,
        /// What it lacks.
        names: Vec<String>,
    },
    /// The source is itself a part of another store.
    #[error(
        "the source is the target of an unfinished copy from {from}: finish that copy first, or copy \
         from there"
    )]
    SourceUnfinished {
        /// Where that copy comes from.
        from: String,
    },
    /// The target holds records.
    #[error("the target is not empty: choose a new database")]
    NotEmpty,
    /// The target belongs to another copy.
    #[error(
        "the target holds an unfinished copy from {from}: finish that one, or empty the target, or \
         choose another"
    )]
    OtherCopy {
        /// Where that copy comes from.
        from: String,
    },
    /// A side did not answer as it should.
    #[error("the {side}: {error}; {}", advice(error))]
    Store {
        /// Which side.
        side: Side,
        /// Why.
        error: StoreError,
    },
    /// The target would not take a record that the source has.
    #[error(
        "the target does not take some {}: {error}; the source probably changed during the copy: stop \
         what uses it and run the same copy again, which copies everything once more; if that fails \
         too, run `countersign store check` on the source, or empty the target and begin anew",
        kind.as_str()
    )]
    Refused {
        /// Of which kind.
        kind: RecordKind,
        /// Why.
        error: StoreError,
    },
    /// The two sides are not the same.
    #[error(
        "the target is not the same as the source: {}. The source probably changed during the copy: \
         stop what uses it and run the same copy again, which copies everything once more; if the \
         target then still has more than the source, empty it and begin anew",
        list(differences)
    )]
    Differs {
        /// Each kind that differs.
        differences: Vec<Difference>,
    },
    /// Somebody stopped it.
    #[error("the copy was stopped: run it again, and it goes on where it stopped")]
    Stopped,
}

fn advice(error: &StoreError) -> &'static str {
    match error {
        StoreError::Unavailable(_) => "run the same copy again, and it goes on where it stopped",
        StoreError::Corrupt(_) => "run `countersign store check` on it",
    }
}

impl CopyError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Schema { source, .. } => source.code(),
            Self::Pending { .. } => "copy_migrations_pending",
            Self::SourceUnfinished { .. } => "copy_source_unfinished",
            Self::NotEmpty => "copy_target_not_empty",
            Self::OtherCopy { .. } => "copy_target_other_source",
            Self::Store { error, .. } => match error {
                StoreError::Unavailable(_) => "unavailable",
                StoreError::Corrupt(_) => "internal",
            },
            Self::Refused { .. } => "copy_records_refused",
            Self::Differs { .. } => "copy_verification_failed",
            Self::Stopped => "copy_stopped",
        }
    }

    /// For what ended the reading of a side.
    pub(super) fn reading(side: Side) -> impl Fn(ReadEnded) -> Self {
        move |ended| match ended {
            ReadEnded::Store(error) => Self::Store { side, error },
            ReadEnded::Stopped => Self::Stopped,
        }
    }
}

fn list(differences: &[Difference]) -> String {
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    lines.join("; ")
}
