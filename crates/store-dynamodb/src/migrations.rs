//! The schema's steps: recorded as items of the table, applied by one instance at a time. The lock
//! is an item that its holder renews; who finds it unchanged for long takes it over, by a clock of
//! their own, so that no two clocks have to agree.

use std::time::Duration;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::schema::{Applied, Migration, SchemaError, pending};
use tokio::time::Instant;

use crate::cells::{Cells, Row, n, s};
use crate::layout::{self, Item, Key};
use crate::requests::Range;
use crate::service::Service;
use crate::table::Found;
use crate::transaction::About;

/// All steps, in order.
pub(crate) const ALL: &[Migration] = &[Migration {
    version: 1,
    name: "first",
    text: include_str!("../migrations/0001_first.json"),
    serves_from: 1,
}];

/// After this long without a sign of life a lock is taken over.
const ABANDONED_AFTER: Duration = Duration::from_secs(15);
/// How often a waiting instance looks.
const LOOK_EVERY: Duration = Duration::from_millis(100);

fn read(item: &Item) -> StoreResult<Applied> {
    let cells = Cells(item);
    Ok(Applied {
        version: cells.number("version")?,
        name: cells.text("name")?.to_owned(),
        checksum: cells.text("checksum")?.to_owned(),
        serves_from: cells.number("serves_from")?,
    })
}

fn record(step: &Migration) -> Item {
    Row::new(&layout::migration(step.version), "migration")
        .with("version", n(step.version))
        .with("name", s(step.name))
        .with("checksum", s(step.checksum()))
        .with("serves_from", n(step.serves_from))
        .item()
}

fn labels(steps: &[&Migration]) -> Vec<String> {
    steps.iter().map(|step| step.label()).collect()
}

impl Service {
    /// The steps that the table lacks. Changes nothing.
    pub async fn lacking(&self) -> Result<Vec<&'static Migration>, SchemaError> {
        match self.found_table().await? {
            Found::Missing => return Ok(ALL.iter().collect()),
            Found::Foreign => return Err(self.foreign()),
            Found::Ours(_) => {}
        }
        let range = Range {
            partition: layout::migrations(),
            ..Range::default()
        };
        let items = self.range(&range).await?;
        let applied = items.iter().map(read).collect::<StoreResult<Vec<_>>>()?;
        if applied.is_empty() && self.holds_something().await? {
            return Err(self.foreign());
        }
        pending(&applied, ALL)
    }

    fn foreign(&self) -> SchemaError {
        SchemaError::Foreign(format!("the table {}", self.address.table))
    }

    /// Whether a table without a record of migrations holds items all the same.
    async fn holds_something(&self) -> StoreResult<bool> {
        let ours = [layout::migration_lock().pk, layout::migrations()];
        let some = self.scan("", Vec::new(), None, Some(10)).await?.0;
        let keys = some.iter().filter_map(Key::of);
        Ok(keys.into_iter().any(|key| !ours.contains(&key.pk)))
    }

    /// Names of the steps that the table lacks.
    pub async fn pending_labels(&self) -> Result<Vec<String>, SchemaError> {
        Ok(labels(&self.lacking().await?))
    }

    /// Applies what is lacking.
    pub async fn apply(&self) -> Result<Vec<String>, SchemaError> {
        if self.lacking().await?.is_empty() {
            return Ok(Vec::new());
        }
        // Making the table needs no lock: the service makes it once.
        let failed = |reason| SchemaError::Failed {
            label: ALL.first().map(Migration::label).unwrap_or_default(),
            reason,
        };
        self.make_table().await?.map_err(failed)?;
        let owner = format!("{:032x}", fastrand::u128(..));
        self.lock(&owner).await?;
        let applied = self.record_lacking(&owner).await;
        if applied.is_err() {
            self.unlock(&owner).await?;
        }
        applied
    }

    async fn record_lacking(&self, owner: &str) -> Result<Vec<String>, SchemaError> {
        let lacking = self.lacking().await?;
        let mut change = self.transaction();
        for step in &lacking {
            let new = "attribute_not_exists(#pk)";
            change.put_if(About::Other, record(step), new, Vec::new())?;
        }
        let held = vec![(":owner", s(owner))];
        change.delete_if(
            About::Other,
            &layout::migration_lock(),
            "#owner = :owner",
            held,
        )?;
        if !self.commit(change).await?.is_done() {
            return Err(SchemaError::Store(StoreError::Unavailable(
                "another instance took over the migration: run it again".to_owned(),
            )));
        }
        Ok(labels(&lacking))
    }

    async fn lock(&self, owner: &str) -> StoreResult<()> {
        let key = layout::migration_lock();
        let mut seen: Option<(String, Instant)> = None;
        loop {
            let abandoned = seen
                .as_ref()
                .filter(|(_, since)| since.elapsed() > ABANDONED_AFTER);
            let mut of = vec![(":owner", s(owner))];
            let free = match abandoned {
                Some((holder, _)) => {
                    of.push((":holder", s(holder.clone())));
                    "attribute_not_exists(#pk) OR #owner = :holder"
                }
                None => "attribute_not_exists(#pk) OR #owner = :owner",
            };
            let set = "SET #owner = :owner";
            if self.update(&key, set, free, of, true).await? {
                return Ok(());
            }
            let holder = match self.item(&key).await? {
                Some(item) => Cells(&item).text("owner")?.to_owned(),
                None => String::new(),
            };
            if seen.as_ref().is_none_or(|(known, _)| *known != holder) {
                seen = Some((holder, Instant::now()));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn unlock(&self, owner: &str) -> StoreResult<()> {
        let mut change = self.transaction();
        let held = vec![(":owner", s(owner))];
        change.delete_if(
            About::Other,
            &layout::migration_lock(),
            "#owner = :owner",
            held,
        )?;
        self.commit(change).await.map(|_| ())
    }
}
