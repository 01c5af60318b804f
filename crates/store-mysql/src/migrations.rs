//! The steps of the schema, and how the engine records and applies them. What is pending, and which
//! database is refused, is said by [`countersign_app::schema`].
//!
//! The engine has no transactions for definitions: each ends the one before. So a step is made of
//! statements that may be run twice, and is recorded when all of them have run; one that was
//! interrupted is begun again. The table of the record is the first of all, and marks the database
//! as ours.

use std::fmt::Write as _;
use std::time::Duration;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::schema::{self, Applied, Migration, SchemaError};
use mysql_async::Row;
use sha2::{Digest, Sha256};

use crate::cells::Cells;
use crate::error::Fault;
use crate::link::Link;
use crate::sql::Sql;

/// All steps, in order.
pub(crate) const ALL: &[Migration] = &[Migration {
    version: 1,
    name: "first",
    text: include_str!("../migrations/0001_first.sql"),
    serves_from: 1,
}];

const RECORD: &str = "CREATE TABLE IF NOT EXISTS countersign_migrations (
         version     INT UNSIGNED   NOT NULL PRIMARY KEY,
         name        VARBINARY(200) NOT NULL,
         checksum    VARBINARY(64)  NOT NULL,
         serves_from INT UNSIGNED   NOT NULL,
         applied_at  TIMESTAMP      NOT NULL DEFAULT CURRENT_TIMESTAMP
     ) ENGINE = InnoDB";

/// The steps that the database lacks; refuses one that is not ours, or has moved on too far.
pub(crate) async fn pending(
    link: &mut Link<'_>,
    database: &str,
) -> Result<Vec<&'static Migration>, SchemaError> {
    let applied = applied(link).await?;
    let Some(applied) = applied else {
        return Err(SchemaError::Foreign(format!("the database {database}")));
    };
    schema::pending(&applied, ALL)
}

/// What is on record; `None` if the database has tables, but not ours.
async fn applied(link: &mut Link<'_>) -> Result<Option<Vec<Applied>>, SchemaError> {
    let sql = Sql::new(
        "SELECT count(*), coalesce(sum(table_name = 'countersign_migrations'), 0)
         FROM information_schema.tables WHERE table_schema = DATABASE()",
        [],
    );
    let rows = rows(link, sql).await?;
    let row = rows.first().ok_or_else(no_answer)?;
    let mut cells = Cells::of(row);
    let (all, ours): (u64, u64) = (cells.number()?, cells.number()?);
    match (ours, all) {
        (0, 0) => return Ok(Some(Vec::new())),
        (0, _) => return Ok(None),
        _ => {}
    }
    let sql = Sql::new(
        "SELECT version, name, checksum, serves_from FROM countersign_migrations ORDER BY version",
        [],
    );
    let rows = self::rows(link, sql).await?;
    let applied = rows.iter().map(step).collect::<StoreResult<_>>()?;
    Ok(Some(applied))
}

fn no_answer() -> StoreError {
    StoreError::Corrupt("the server counted nothing".to_owned())
}

async fn rows(link: &mut Link<'_>, sql: Sql) -> Result<Vec<Row>, SchemaError> {
    let answers = link.read(sql).await;
    let rows = answers.and_then(|mut answers| answers.rows());
    rows.map_err(|fault| SchemaError::Store(fault.into_store_error()))
}

fn step(row: &Row) -> StoreResult<Applied> {
    let mut cells = Cells::of(row);
    Ok(Applied {
        version: cells.number()?,
        name: cells.text()?.to_owned(),
        checksum: cells.text()?.to_owned(),
        serves_from: cells.number()?,
    })
}

/// Applies what is missing and gives the names of the steps it applied. A lock of the server that
/// has the name of the database lets one connection do so at a time, and goes with the connection.
pub(crate) async fn apply(
    link: &mut Link<'_>,
    database: &str,
    wait: Duration,
) -> Result<Vec<String>, SchemaError> {
    if pending(link, database).await?.is_empty() {
        return Ok(Vec::new());
    }
    lock(link, database, wait).await?;
    let applied = apply_locked(link, database).await;
    // Not given back with the lock on it, should this fail.
    let release = Sql::new(
        "SELECT RELEASE_LOCK(CONVERT(? USING utf8mb4))",
        [lock_name(database).into()],
    );
    if link.read(release).await.is_err() {
        link.close();
    }
    applied
}

async fn apply_locked(link: &mut Link<'_>, database: &str) -> Result<Vec<String>, SchemaError> {
    // Looked at again: another instance may have been first.
    let steps = pending(link, database).await?;
    for migration in &steps {
        let run = run(link, migration).await;
        run.map_err(|fault| failed(migration, fault))?;
        tracing::info!(
            version = migration.version,
            name = migration.name,
            "migrated the database"
        );
    }
    Ok(steps.iter().map(|step| step.label()).collect())
}

async fn run(link: &mut Link<'_>, migration: &Migration) -> Result<(), Fault> {
    link.write(Sql::new(RECORD, [])).await?;
    for statement in statements(migration.text) {
        link.write(Sql::new(statement, [])).await?;
    }
    let sql = Sql::new(
        "INSERT INTO countersign_migrations (version, name, checksum, serves_from)
         VALUES (?, ?, ?, ?)",
        [
            migration.version.into(),
            migration.name.into(),
            migration.checksum().into(),
            migration.serves_from.into(),
        ],
    );
    link.write(sql).await?;
    Ok(())
}

/// The statements of a step: each ends with a semicolon at the end of a line.
fn statements(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(";\n").filter(|part| {
        let mut lines = part.lines().map(str::trim);
        lines.any(|line| !line.is_empty() && !line.starts_with("--"))
    })
}

async fn lock(link: &mut Link<'_>, database: &str, wait: Duration) -> Result<(), SchemaError> {
    let seconds = i64::try_from(wait.as_secs().max(1)).unwrap_or(i64::MAX);
    let sql = Sql::new(
        "SELECT GET_LOCK(CONVERT(? USING utf8mb4), ?)",
        [lock_name(database).into(), seconds.into()],
    );
    let rows = rows(link, sql).await?;
    let got = rows.first().map(|row| Cells::of(row).text_or_null());
    if matches!(got, Some(Ok(Some("1")))) {
        return Ok(());
    }
    let busy = "another instance has been migrating the database for too long".to_owned();
    Err(SchemaError::Store(StoreError::Unavailable(busy)))
}

/// Locks are the whole server's, and their names are short.
fn lock_name(database: &str) -> String {
    let digest = Sha256::digest(database.as_bytes());
    let mut name = "countersign_migrate_".to_owned();
    for byte in digest.iter().take(12) {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name
}

/// The server's words are given here: no row has a part in a definition.
fn failed(step: &Migration, fault: Fault) -> SchemaError {
    match fault {
        Fault::Refused(refused) if !refused.is_passing() => SchemaError::Failed {
            label: step.label(),
            reason: format!("{} (error {})", refused.words, refused.code),
        },
        other => SchemaError::Store(other.into_store_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_of_every_step_may_be_run_twice() {
        for migration in ALL {
            assert!(statements(migration.text).count() > 0);
            for statement in statements(migration.text) {
                let body: Vec<_> = statement
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("--"))
                    .collect();
                let body = body.join("\n");
                let is_harmless = body.contains("CREATE TABLE IF NOT EXISTS")
                    || body.contains("WHERE NOT EXISTS");
                assert!(is_harmless, "{body}");
                assert!(!body.contains('?'), "a value is expected in {body}");
            }
        }
    }

    #[test]
    fn the_name_of_a_lock_is_short_whatever_the_database_is_called() {
        assert!(lock_name(&"d".repeat(64)).len() <= 64);
        assert_ne!(lock_name("a"), lock_name("b"));
    }
}
