//! Comparing two stores: both are read whole, and for each kind the number of records and the sum of
//! their fingerprints must be the same.

use std::fmt;

use crate::ports::StoreAdmin;
use crate::ports::store_admin::RecordKind;

use super::fingerprint::{Checksum, fingerprint};
use super::records::{ReadEnded, Reading};
use super::{OnProgress, Step};

/// How many records of a kind there are, and what their fingerprints add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub count: u64,
    pub checksum: Checksum,
}

/// Reads all records of a kind.
pub(super) async fn tally(
    store: &dyn StoreAdmin,
    kind: RecordKind,
    step: Step,
    progress: &mut OnProgress<'_>,
) -> Result<Tally, ReadEnded> {
    let mut reading = Reading::begin(store, kind, step).await?;
    let mut checksum = Checksum::default();
    while let Some(records) = reading.next().await? {
        for record in &records {
            checksum.add(fingerprint(record));
        }
        reading.report(records.len(), progress)?;
    }
    Ok(Tally {
        count: reading.done,
        checksum,
    })
}

/// A kind of record that is not the same on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which kind.
    pub kind: RecordKind,
    /// How many the source has.
    pub source: u64,
    /// How many the target has.
    pub target: u64,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            source,
            target,
        } = self;
        let kind = kind.as_str();
        match source.cmp(target) {
            std::cmp::Ordering::Equal => {
                write!(f, "{kind}: {source} on both sides, but not the same ones")
            }
            std::cmp::Ordering::Greater => {
                let lacks = source - target;
                write!(
                    f,
                    "{kind}: {source} in the source, {target} in the target, which lacks {lacks}"
                )
            }
            std::cmp::Ordering::Less => {
                let more = target - source;
                write!(
                    f,
                    "{kind}: {source} in the source, {target} in the target, which has {more} that \
                     are gone from the source"
                )
            }
        }
    }
}
