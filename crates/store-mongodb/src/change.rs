//! Transactions: one attempt after another at a change, until one is committed, leaves all as it was,
//! or time is up.
//!
//! What the server rolled back is tried again from its beginning. A commit whose outcome is not known
//! is only ever sent again as it is, which can't apply twice (the server knows the transaction by its
//! number); once a commit was in doubt the change itself is never begun anew, and when time is up the
//! answer is that the store is unavailable.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use futures::TryStreamExt as _;
use mongodb::ClientSession;
use mongodb::bson::Document;
use mongodb::error::{Error, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{ReadConcern, ReadPreference, SelectionCriteria};

use crate::db::{Db, ONE_BATCH, majority};
use crate::error::{Fault, OrStoreError, store_error};
use crate::watch::Seen;
use crate::writes::{Writes, Written};

/// How often a unique index may refuse a change with nothing in the way that would explain it. Once is
/// a race; so many times, it is an id that was given twice.
const MOST_REFUSALS: u32 = 10;

/// How an attempt ended.
pub(crate) enum Step<T> {
    /// What was written shall stay.
    Commit(T),
    /// Nothing shall be changed.
    Leave(T),
}

/// A change, as it can be attempted any number of times.
pub(crate) trait Change: Sync {
    /// What comes of it.
    type Outcome: Send;

    /// Whether its first command writes. Such a one is begun without a read concern: its guards are
    /// part of its writes, which meet other writes whatever the read concern. (The emulator that the
    /// tests use where there is no `MongoDB` refuses a read concern on `bulkWrite`, moreover.)
    fn writes_at_once(&self) -> bool {
        false
    }

    /// Reads, decides, and writes.
    fn attempt(
        &self,
        tx: &mut Tx<'_>,
    ) -> impl Future<Output = Result<Step<Self::Outcome>, Fault>> + Send;

    /// Looks, after a unique index refused what was written, for what is in the way; `None` if there
    /// is nothing any more, and the change is to be tried again.
    fn in_the_way(
        &self,
        db: &Db,
    ) -> impl Future<Output = StoreResult<Option<Self::Outcome>>> + Send {
        let _ = db;
        async { Ok(None) }
    }
}

/// An open transaction.
pub(crate) struct Tx<'s> {
    db: &'s Db,
    session: &'s mut ClientSession,
}

impl Tx<'_> {
    /// What a pipeline gives.
    pub async fn all(
        &mut self,
        collection: &str,
        pipeline: Vec<Document>,
    ) -> Result<Vec<Document>, Fault> {
        let mut cursor = self
            .db
            .collection(collection)
            .aggregate(pipeline)
            .batch_size(ONE_BATCH)
            .session(&mut *self.session)
            .await?;
        Ok(cursor.stream(self.session).try_collect().await?)
    }

    /// The first thing that a pipeline gives.
    pub async fn first(
        &mut self,
        collection: &str,
        pipeline: Vec<Document>,
    ) -> Result<Option<Document>, Fault> {
        Ok(self.all(collection, pipeline).await?.into_iter().next())
    }

    /// Writes to be filled in.
    pub fn writes(&self) -> Writes {
        Writes::to(self.db.database.name())
    }

    /// Does the writes, in one round trip.
    pub async fn write(&mut self, writes: Writes) -> Result<Written, Fault> {
        let written = self
            .db
            .client
            .bulk_write(writes.into_models())
            .verbose_results()
            .session(&mut *self.session)
            .await?;
        Ok(Written::of(written))
    }
}

impl Db {
    /// Makes a change. The caller sets the time within which.
    pub async fn change<C: Change>(&self, change: &C) -> StoreResult<C::Outcome> {
        let mut tried = 0;
        let mut refused = 0;
        loop {
            let session = self.client.start_session().causal_consistency(false).await;
            let mut session = session.or_store_error()?;
            let begun = begin(&mut session, change.writes_at_once()).await;
            begun.or_store_error()?;
            let mut tx = Tx {
                db: self,
                session: &mut session,
            };
            match change.attempt(&mut tx).await {
                Ok(Step::Commit(outcome)) => {
                    if commit(&mut session).await? {
                        return Ok(outcome);
                    }
                }
                Ok(Step::Leave(outcome)) => {
                    abort(&mut session).await;
                    return Ok(outcome);
                }
                Err(Fault::Again) => abort(&mut session).await,
                Err(Fault::Duplicate) => {
                    abort(&mut session).await;
                    if let Some(outcome) = change.in_the_way(self).await? {
                        return Ok(outcome);
                    }
                    refused += 1;
                    if refused == MOST_REFUSALS {
                        // It may be that most members of the set do not have it yet.
                        let text = "a key that should be new is there, and can't be seen yet";
                        return Err(StoreError::Unavailable(text.to_owned()));
                    }
                }
                // What is still open is aborted when the session is dropped.
                Err(Fault::Store(error)) => return Err(error),
            }
            tokio::time::sleep(pause(tried)).await;
            tried += 1;
        }
    }
}

async fn begin(session: &mut ClientSession, writes_at_once: bool) -> Result<(), Error> {
    let transaction = session
        .start_transaction()
        .write_concern(majority())
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    if writes_at_once {
        transaction.await
    } else {
        transaction.read_concern(ReadConcern::snapshot()).await
    }
}

/// Whether it was committed; if not, it was rolled back. Goes on while the outcome is in doubt.
async fn commit(session: &mut ClientSession) -> StoreResult<bool> {
    let before = Seen::commits();
    let mut tried = 0;
    loop {
        let Err(error) = session.commit_transaction().await else {
            return Ok(true);
        };
        // The driver itself sends a commit a second time when its answer was lost.
        let in_doubt = tried > 0 || Seen::commits() > before + 1;
        if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) {
            tokio::time::sleep(pause(tried)).await;
            tried += 1;
        } else if in_doubt {
            return Err(StoreError::Unavailable(
                "the connection was lost while a change was committed".to_owned(),
            ));
        } else if error.contains_label(TRANSIENT_TRANSACTION_ERROR) {
            return Ok(false);
        } else {
            return Err(store_error(&error));
        }
    }
}

/// Undoes what was written. If the server does not hear of it, it does so itself after a minute.
async fn abort(session: &mut ClientSession) {
    if let Err(error) = session.abort_transaction().await {
        tracing::debug!(error = %store_error(&error), "a transaction could not be aborted");
    }
}

/// How long to wait before the next attempt: longer each time, and never the same for two.
pub(crate) fn pause(tried: u32) -> Duration {
    let longest = 2_u64 << tried.min(6);
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(1 + random % longest)
}
