//! Checking a store: what the engine says of itself, and what must hold of the records, whoever
//! wrote them.

use crate::ports::StoreAdmin;
use crate::ports::store::StoreError;
use crate::ports::store_admin::RecordKind;
use crate::schema::SchemaError;
use countersign_domain::time::Timestamp;

use super::findings::{CheckReport, Findings};
use super::invariants::Invariants;
use super::mark::Mark;
use super::records::{ReadEnded, Reading};
use super::{OnProgress, Step};

/// The check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The schema could not be told.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Somebody stopped it.
    #[error("the check was stopped")]
    Stopped,
}

impl CheckError {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Schema(error) => error.code(),
            Self::Store(StoreError::Unavailable(_)) => "unavailable",
            Self::Store(StoreError::Corrupt(_)) => "internal",
            Self::Stopped => "check_stopped",
        }
    }
}

/// Reads everything and tells what is wrong with it at `now`. Changes nothing. A store in use may be
/// checked: what looks wrong is looked at a second time, and only what is still wrong is told.
///
/// A store whose schema is not up to date is not read.
pub async fn check(
    store: &dyn StoreAdmin,
    now: Timestamp,
    progress: &mut OnProgress<'_>,
) -> Result<CheckReport, CheckError> {
    let mut findings = Findings::default();
    let pending = store.pending_migrations().await?;
    if !pending.is_empty() {
        findings.error("migrations_pending", || {
            let names = pending.join(", ");
            format!("the database lacks migrations ({names}): run `countersign migrate`")
        });
        return Ok(CheckReport {
            counts: Vec::new(),
            findings: findings.into_vec(),
        });
    }
    for problem in store.engine_problems().await? {
        findings.error("engine_problem", || problem);
    }
    if let Some(mark) = store.copy_mark().await? {
        findings.error("copy_unfinished", || {
            let from = Mark::source_of(&mark);
            format!("this is the target of an unfinished copy from {from}: finish it before use")
        });
    }
    let (mut counts, mut found) = look(store, now, progress).await?;
    if !found.is_empty() {
        let again;
        (counts, again) = look(store, now, progress).await?;
        found = found.confirmed_by(again);
    }
    Ok(CheckReport {
        counts,
        findings: findings.and(found).into_vec(),
    })
}

/// Reads all records once.
async fn look(
    store: &dyn StoreAdmin,
    now: Timestamp,
    progress: &mut OnProgress<'_>,
) -> Result<(Vec<(RecordKind, u64)>, Findings), CheckError> {
    let mut invariants = Invariants::default();
    let mut counts = Vec::new();
    for kind in RecordKind::ALL {
        let mut reading = Reading::begin(store, kind, Step::Checking).await?;
        loop {
            match reading.next().await {
                Ok(Some(records)) => {
                    for record in &records {
                        invariants.look_at(record, now);
                    }
                    let going_on = reading.report(records.len(), progress);
                    going_on.map_err(|ended| match ended {
                        ReadEnded::Store(error) => CheckError::Store(error),
                        ReadEnded::Stopped => CheckError::Stopped,
                    })?;
                }
                Ok(None) => break,
                Err(StoreError::Corrupt(_)) if reading.slow_down() => {}
                Err(StoreError::Corrupt(why)) => {
                    invariants.unreadable(kind, &why);
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        counts.push((kind, reading.done));
    }
    Ok((counts, invariants.finish()))
}
