//! Copying everything from one store to another: kind after kind, in batches, resumable, and
//! compared at the end.
//!
//! The target carries a mark from before its first record to after the comparison, so that nobody
//! serves a part. Writing a record twice is harmless, so a copy that was killed goes on from its
//! mark, which is at most a few batches behind. A record that came into the source or changed there
//! meanwhile is noticed by the comparison; the next run then copies everything once more on top,
//! which heals all but what is gone from the source.

use crate::ports::StoreAdmin;
use crate::ports::store::StoreError;
use crate::ports::store_admin::RecordKind;

use super::copy_error::{CopyError, Side};
use super::fingerprint::Checksum;
use super::mark::Mark;
use super::records::Reading;
use super::verify::{Difference, tally};
use super::{OnProgress, Step};

/// After how many batches the mark is brought up to date.
const MARK_EVERY: u32 = 4;

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyReport {
    /// Whether it went on with a copy that was begun before.
    pub resumed: bool,
    /// Every kind, in the order of copying; the same on both sides.
    pub kinds: Vec<Copied>,
}

/// One kind that was copied and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Which.
    pub kind: RecordKind,
    /// How many records.
    pub count: u64,
    /// What their fingerprints add up to.
    pub checksum: Checksum,
}

/// Copies everything from `source` to `target`, which must be empty or hold an unfinished copy from
/// the same source, and compares the two. Tokens, sessions and password hashes stay as they are.
///
/// `source_name` is what a copy is known by when it is run again: the address of the source without
/// its secret, spelled the same each time. It is kept in the target until the copy is finished.
pub async fn copy(
    source: &dyn StoreAdmin,
    source_name: &str,
    target: &dyn StoreAdmin,
    progress: &mut OnProgress<'_>,
) -> Result<CopyReport, CopyError> {
    for (side, store) in [(Side::Source, source), (Side::Target, target)] {
        up_to_date(side, store).await?;
    }
    let copying = Copying {
        source,
        source_name,
        target,
    };
    let (mark, resumed) = copying.begin().await?;
    copying.transfer(&mark, progress).await?;
    let kinds = copying.compare(progress).await?;
    let cleared = target.set_copy_mark(None).await;
    cleared.map_err(at(Side::Target))?;
    Ok(CopyReport { resumed, kinds })
}

async fn up_to_date(side: Side, store: &dyn StoreAdmin) -> Result<(), CopyError> {
    let pending = store.pending_migrations().await;
    let names = pending.map_err(|source| CopyError::Schema { side, source })?;
    if names.is_empty() {
        Ok(())
    } else {
        Err(CopyError::Pending { side, names })
    }
}

fn at(side: Side) -> impl Fn(StoreError) -> CopyError {
    move |error| CopyError::Store { side, error }
}

/// A copy at work.
struct Copying<'s> {
    source: &'s dyn StoreAdmin,
    source_name: &'s str,
    target: &'s dyn StoreAdmin,
}

impl Copying<'_> {
    /// Sees whether the copy may be made, and sets or reads its mark.
    async fn begin(&self) -> Result<(Mark, bool), CopyError> {
        let mark = self.source.copy_mark().await.map_err(at(Side::Source))?;
        if let Some(mark) = mark {
            let from = Mark::source_of(&mark);
            return Err(CopyError::SourceUnfinished { from });
        }
        let mark = self.target.copy_mark().await.map_err(at(Side::Target))?;
        if let Some(text) = mark {
            let same = Mark::from_text(&text).filter(|mark| mark.source == self.source_name);
            return same.map(|mark| (mark, true)).ok_or_else(|| {
                let from = Mark::source_of(&text);
                CopyError::OtherCopy { from }
            });
        }
        let empty = self.target.is_empty().await.map_err(at(Side::Target))?;
        if !empty {
            return Err(CopyError::NotEmpty);
        }
        let mark = Mark::beginning(self.source_name);
        self.set(&mark).await?;
        Ok((mark, false))
    }

    async fn set(&self, mark: &Mark) -> Result<(), CopyError> {
        let set = self.target.set_copy_mark(Some(&mark.to_text())).await;
        set.map_err(at(Side::Target))
    }

    /// Makes the next run copy everything once more.
    async fn begin_anew(&self) -> Result<(), CopyError> {
        self.set(&Mark::beginning(self.source_name)).await
    }

    async fn transfer(&self, mark: &Mark, progress: &mut OnProgress<'_>) -> Result<(), CopyError> {
        let kinds = mark.kinds_left();
        for (place, &kind) in kinds.iter().enumerate() {
            let reading = Reading::begin(self.source, kind, Step::Copying).await;
            let mut reading = reading.map_err(at(Side::Source))?;
            if place == 0 {
                reading.after.clone_from(&mark.after);
                reading.done = mark.done;
            }
            self.transfer_kind(kind, &mut reading, progress).await?;
            let next = kinds.get(place + 1).copied();
            self.set(&Mark::at(self.source_name, next, None, 0)).await?;
        }
        Ok(())
    }

    async fn transfer_kind(
        &self,
        kind: RecordKind,
        reading: &mut Reading<'_>,
        progress: &mut OnProgress<'_>,
    ) -> Result<(), CopyError> {
        let mut since_mark = 0;
        while let Some(records) = reading.next().await.map_err(at(Side::Source))? {
            let count = records.len();
            if count > 0
                && let Err(error) = self.target.write_records(records).await
            {
                return Err(self.refused(kind, error).await?);
            }
            reading
                .report(count, progress)
                .map_err(CopyError::reading(Side::Source))?;
            since_mark += 1;
            if since_mark >= MARK_EVERY && !reading.is_at_end() {
                since_mark = 0;
                let after = reading.after.clone();
                let mark = Mark::at(self.source_name, Some(kind), after, reading.done);
                self.set(&mark).await?;
            }
        }
        Ok(())
    }

    /// What a failed write means. One that the target can't take as it is would fail for ever if the
    /// copy went on from here: what the record needs may have come into the source behind us.
    async fn refused(&self, kind: RecordKind, error: StoreError) -> Result<CopyError, CopyError> {
        match error {
            StoreError::Unavailable(_) => Ok(at(Side::Target)(error)),
            StoreError::Corrupt(_) => {
                self.begin_anew().await?;
                Ok(CopyError::Refused { kind, error })
            }
        }
    }

    async fn compare(&self, progress: &mut OnProgress<'_>) -> Result<Vec<Copied>, CopyError> {
        let mut kinds = Vec::new();
        let mut differences = Vec::new();
        for kind in RecordKind::ALL {
            let ours = tally(self.source, kind, Step::ReadingSource, progress).await;
            let ours = ours.map_err(CopyError::reading(Side::Source))?;
            let theirs = tally(self.target, kind, Step::ReadingTarget, progress).await;
            let theirs = theirs.map_err(CopyError::reading(Side::Target))?;
            if ours != theirs {
                differences.push(Difference {
                    kind,
                    source: ours.count,
                    target: theirs.count,
                });
            }
            kinds.push(Copied {
                kind,
                count: ours.count,
                checksum: ours.checksum,
            });
        }
        if differences.is_empty() {
            return Ok(kinds);
        }
        self.begin_anew().await?;
        Err(CopyError::Differs { differences })
    }
}
