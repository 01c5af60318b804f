//! The schema's steps, and how they are recorded and applied: each in a transaction that first
//! takes an advisory lock of the database, so that of instances that start at once one does it.

use countersign_app::schema::{self, Applied, Migration, SchemaError};

use crate::PostgresStore;
use crate::calls::{Kind, bulk};
use crate::cells::Cells;
use crate::connection::{Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;

/// All steps, in order.
pub(crate) const ALL: &[Migration] = &[Migration {
    version: 1,
    name: "first",
    text: include_str!("../migrations/0001_first.sql"),
    serves_from: 1,
}];

/// The tables that the steps make.
pub(crate) const TABLES: [&str; 12] = [
    "users",
    "roles",
    "user_roles",
    "sessions",
    "personal_tokens",
    "idempotency_keys",
    "keys",
    "instance",
    "guards",
    "pings",
    "tasks",
    "audit_events",
];

const RECORD: &str = "CREATE TABLE countersign_migrations (
    version     bigint NOT NULL PRIMARY KEY,
    name        text   NOT NULL,
    checksum    text   NOT NULL,
    serves_from bigint NOT NULL,
    applied_at  bigint NOT NULL
)";

/// What was found of the schema.
enum Found {
    /// Not even the namespace.
    Nothing,
    /// The namespace, with nothing of ours in it.
    Namespace,
    /// Tables with our names that are not ours.
    Foreign,
    /// The record of the steps.
    Record(Vec<Applied>),
}

/// See [`countersign_app::ports::StoreAdmin::pending_migrations`].
pub(crate) async fn pending(
    store: &PostgresStore,
    known: &'static [Migration],
) -> Result<Vec<&'static Migration>, SchemaError> {
    let found = bulk!(store, Kind::Read, |lease| look_alone(store, lease))?;
    missing(store, &found, known)
}

fn missing(
    store: &PostgresStore,
    found: &Found,
    known: &'static [Migration],
) -> Result<Vec<&'static Migration>, SchemaError> {
    match found {
        Found::Nothing | Found::Namespace => Ok(known.iter().collect()),
        Found::Foreign => Err(SchemaError::Foreign(format!(
            "the schema {} of {}",
            store.schema(),
            store.address()
        ))),
        Found::Record(applied) => schema::pending(applied, known),
    }
}

/// See [`countersign_app::ports::StoreAdmin::migrate`].
pub(crate) async fn apply(
    store: &PostgresStore,
    known: &'static [Migration],
) -> Result<Vec<String>, SchemaError> {
    let mut done = Vec::new();
    // Most starts find nothing to do, and need no lock to know it.
    if pending(store, known).await?.is_empty() {
        return Ok(done);
    }
    loop {
        let step = bulk!(store, Kind::Change, |lease| next_step(store, lease, known))??;
        let Some(label) = step else {
            return Ok(done);
        };
        tracing::info!(migration = label, "migrated the database");
        done.push(label);
    }
}

/// Every end of a step is an answer here: none is tried again.
async fn next_step(
    store: &PostgresStore,
    lease: &mut Lease,
    known: &'static [Migration],
) -> Result<Result<Option<String>, SchemaError>, Fault> {
    Ok(apply_next(store, lease, known).await)
}

/// Applies the first step that is missing, and gives its name.
async fn apply_next(
    store: &PostgresStore,
    lease: &mut Lease,
    known: &'static [Migration],
) -> Result<Option<String>, SchemaError> {
    let lock = sql!("SELECT pg_advisory_xact_lock($1)", lock_key(store.schema()));
    let locked = lease.begin_as(store.begin_bulk(), vec![lock]).await;
    locked.map_err(unanswered)?;
    // Looked at again: another instance may have been first.
    let found = look(lease, store.schema()).await.map_err(unanswered)?;
    let missing = missing(store, &found, known)?;
    let Some(next) = missing.first() else {
        lease.roll_back().await.map_err(unanswered)?;
        return Ok(None);
    };
    let label = next.label();
    let applied = match write(store, lease, &found, next).await {
        Ok(()) => Ok(Some(label)),
        Err(fault) if fault.ends_connection() => Err(unanswered(fault)),
        Err(fault) => Err(SchemaError::Failed {
            label,
            reason: advice(store, fault),
        }),
    };
    if applied.is_err() {
        // If it fails, the connection ends, and the change with it.
        let _ = lease.roll_back().await;
    }
    applied
}

async fn write(
    store: &PostgresStore,
    lease: &mut Lease,
    found: &Found,
    next: &Migration,
) -> Result<(), Fault> {
    if matches!(found, Found::Nothing) {
        let create = format!("CREATE SCHEMA \"{}\"", store.schema());
        lease.command(&create).await?;
    }
    if !matches!(found, Found::Record(_)) {
        lease.command(RECORD).await?;
    }
    lease.command(next.text).await?;
    let record = sql!(
        "INSERT INTO countersign_migrations (version, name, checksum, serves_from, applied_at)
         VALUES ($1, $2, $3, $4, (extract(epoch FROM now()) * 1000)::bigint)",
        next.version,
        next.name,
        next.checksum(),
        next.serves_from
    );
    lease.commit(vec![record]).await?;
    Ok(())
}

fn unanswered(fault: Fault) -> SchemaError {
    SchemaError::Store(fault.into())
}

fn advice(store: &PostgresStore, fault: Fault) -> String {
    let is_denied = fault.is_denied();
    let said = countersign_app::ports::StoreError::from(fault);
    if is_denied {
        format!(
            "{said}: let an administrator of the database run `CREATE SCHEMA {} AUTHORIZATION` \
             for this role, or grant it CREATE on the database",
            store.schema()
        )
    } else {
        said.to_string()
    }
}

async fn look_alone(store: &PostgresStore, lease: &mut Lease) -> Result<Found, Fault> {
    lease.begin_as(store.begin_bulk(), Vec::new()).await?;
    let found = look(lease, store.schema()).await?;
    lease.roll_back().await?;
    Ok(found)
}

/// Looks, within a transaction.
async fn look(lease: &mut Lease, schema: &str) -> Result<Found, Fault> {
    let answers = lease.go_on(vec![look_statement(schema)]).await?;
    let Some(row) = answers.first().and_then(|answer| answer.rows.first()) else {
        return Ok(Found::Nothing);
    };
    let mut cells = Cells::of(row);
    let (has_record, has_ours) = (cells.truth()?, cells.truth()?);
    if has_record {
        return Ok(Found::Record(applied(lease).await?));
    }
    Ok(if has_ours {
        Found::Foreign
    } else {
        Found::Namespace
    })
}

/// Finds one row if there is the namespace, with what is in it.
fn look_statement(schema: &str) -> Statement {
    let tables: Vec<String> = TABLES.iter().map(|name| (*name).to_owned()).collect();
    sql!(
        "SELECT coalesce(bool_or(c.relname = 'countersign_migrations'), false),
             coalesce(bool_or(c.relname::text = ANY ($2)), false)
         FROM pg_catalog.pg_namespace n
         LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
             AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         WHERE n.nspname = $1::text
         GROUP BY n.oid",
        schema,
        tables
    )
}

async fn applied(lease: &mut Lease) -> Result<Vec<Applied>, Fault> {
    let read = sql!(
        "SELECT version, name, checksum, serves_from FROM countersign_migrations ORDER BY version"
    );
    let answers = lease.go_on(vec![read]).await?;
    let rows = answers.iter().flat_map(|answer| &answer.rows);
    rows.map(|row| {
        let mut cells = Cells::of(row);
        Ok(Applied {
            version: cells.number()?,
            name: cells.text()?.to_owned(),
            checksum: cells.text()?.to_owned(),
            serves_from: cells.number()?,
        })
    })
    .collect()
}

/// The number of the lock: FNV-1a of a name that says whose it is, so that two schemas in one
/// database do not wait for each other.
fn lock_key(schema: &str) -> i64 {
    let name = format!("countersign migrations {schema}");
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::from_ne_bytes(hash.to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_the_steps_is_on_the_list() {
        let made: Vec<&str> = ALL
            .iter()
            .flat_map(|step| step.text.lines())
            .filter_map(|line| line.strip_prefix("CREATE TABLE "))
            .map(|rest| rest.trim_end_matches(" ("))
            .collect();
        assert_eq!(made, TABLES);
    }

    #[test]
    fn schemas_have_locks_of_their_own_that_stay_the_same() {
        assert_ne!(lock_key("countersign"), lock_key("other"));
        // Programs of different versions must meet at the same lock.
        assert_eq!(lock_key("countersign"), lock_key("countersign"));
    }
}
