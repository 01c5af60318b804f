//! Reading all records of a kind, batch by batch.

use crate::ports::StoreAdmin;
use crate::ports::store::{StoreError, StoreResult};
use crate::ports::store_admin::{Record, RecordKind};

use super::{BATCH, OnProgress, Progress, Step};

/// Why the reading ended early.
pub(super) enum ReadEnded {
    /// The store could not answer.
    Store(StoreError),
    /// Somebody stopped it.
    Stopped,
}

impl From<StoreError> for ReadEnded {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The records of one kind, and how far they are read.
pub(super) struct Reading<'s> {
    store: &'s dyn StoreAdmin,
    kind: RecordKind,
    step: Step,
    expected: Option<u64>,
    /// Where to read on.
    pub after: Option<String>,
    /// How many were read and dealt with.
    pub done: u64,
    limit: u32,
    ended: bool,
}

impl<'s> Reading<'s> {
    /// Begins at the beginning.
    pub async fn begin(
        store: &'s dyn StoreAdmin,
        kind: RecordKind,
        step: Step,
    ) -> StoreResult<Reading<'s>> {
        Ok(Self {
            store,
            kind,
            step,
            expected: store.estimate(kind).await?,
            after: None,
            done: 0,
            limit: BATCH,
            ended: false,
        })
    }

    /// The next records; `None` at the end. What there is of a kind that is empty is left out: the
    /// keys of a store that never had one.
    pub async fn next(&mut self) -> StoreResult<Option<Vec<Record>>> {
        if self.ended {
            return Ok(None);
        }
        let read = self
            .store
            .read_records(self.kind, self.after.as_deref(), self.limit);
        let mut batch = read.await?;
        batch.records.retain(|record| match record {
            Record::Keys(set) => set.version > 0 || !set.keys.is_empty(),
            _ => true,
        });
        self.ended = batch.next.is_none();
        self.after = batch.next;
        Ok(Some(batch.records))
    }

    /// After a batch that could not be read: goes on from the same place one by one, up to the record
    /// that is to blame. `false` if it does so already.
    pub fn slow_down(&mut self) -> bool {
        let was_fast = self.limit > 1;
        self.limit = 1;
        was_fast
    }

    /// Whether all is read.
    pub fn is_at_end(&self) -> bool {
        self.ended
    }

    /// Notes that `count` more records are dealt with, and tells so.
    pub fn report(&mut self, count: usize, progress: &mut OnProgress<'_>) -> Result<(), ReadEnded> {
        self.done += u64::try_from(count).unwrap_or(u64::MAX);
        let now = Progress {
            step: self.step,
            kind: self.kind,
            done: self.done,
            expected: self.expected,
        };
        if progress(now).is_break() {
            return Err(ReadEnded::Stopped);
        }
        Ok(())
    }
}
