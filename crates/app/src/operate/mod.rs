//! What an operator does with whole stores: copying one to another, and checking that one holds
//! together. Both read record by record through [`StoreAdmin`], know no
//! engine, and keep no more in memory than a batch (a check: than the ids it compares).

mod check;
mod copy;
mod copy_error;
mod findings;
mod fingerprint;
mod invariants;
mod mark;
mod records;
mod verify;

use std::ops::ControlFlow;

use crate::ports::StoreAdmin;
use crate::ports::store::StoreResult;
use crate::ports::store_admin::RecordKind;

pub use check::{CheckError, check};
pub use copy::{Copied, CopyReport, copy};
pub use copy_error::{CopyError, Side};
pub use findings::{CheckReport, Finding, Severity};
pub use fingerprint::Checksum;
pub use verify::Difference;

/// How many records are read or written at once.
const BATCH: u32 = 500;

/// Told how far the work is, after each batch. Whoever answers [`ControlFlow::Break`] stops it.
pub type OnProgress<'p> = dyn FnMut(Progress) -> ControlFlow<()> + Send + 'p;

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// With which kind of record.
    pub kind: RecordKind,
    /// How many of this kind are done.
    pub done: u64,
    /// About how many there are, if the store can tell.
    pub expected: Option<u64>,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Records go from the source to the target.
    Copying,
    /// The source is read again, to compare.
    ReadingSource,
    /// The target is read, to compare.
    ReadingTarget,
    /// The records of one store are checked.
    Checking,
}

impl Step {
    /// The name for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Copying => "copying",
            Self::ReadingSource => "reading_source",
            Self::ReadingTarget => "reading_target",
            Self::Checking => "checking",
        }
    }
}

/// Where an unfinished copy into this store came from. A store with one is not to be served: it
/// holds a part of another, or what did not pass the comparison.
pub async fn unfinished_copy(store: &dyn StoreAdmin) -> StoreResult<Option<String>> {
    let mark = store.copy_mark().await?;
    Ok(mark.map(|text| mark::Mark::source_of(&text)))
}
