//! The steps of the schema, and how `SQLite` records and applies them. What is pending, and which
//! database is refused, is said by [`countersign_app::schema`].

use std::collections::BTreeMap;
use std::path::Path;

use countersign_app::ports::StoreError;
use countersign_app::schema::{self, Applied, Migration, SchemaError};
use rusqlite::{Connection, TransactionBehavior};

use crate::error::{SqliteError, store_error};

/// All steps, in order.
pub(crate) const ALL: &[Migration] = &[
    Migration {
        version: 1,
        name: "first",
        text: include_str!("../migrations/0001_first.sql"),
        serves_from: 1,
    },
    Migration {
        version: 2,
        name: "shared",
        text: include_str!("../migrations/0002_shared.sql"),
        serves_from: 1,
    },
];

/// Applies what is missing, under the write lock, so that of two processes one does, and gives the
/// names of the steps it applied.
pub(crate) fn apply(
    connection: &mut Connection,
    path: &Path,
    migrations: &[Migration],
) -> Result<Vec<String>, SqliteError> {
    if pending(connection, path, migrations)?.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    make_record(&transaction)?;
    // Looked at again: another process may have been first.
    let steps = pending(&transaction, path, migrations)?;
    for step in &steps {
        transaction
            .execute_batch(step.text)
            .map_err(|error| failed(step, &error))?;
        transaction.execute(
            "INSERT INTO schema_migrations (version, name, checksum, serves_from, applied_at)
             VALUES (?1, ?2, ?3, ?4, unixepoch() * 1000)",
            (step.version, step.name, step.checksum(), step.serves_from),
        )?;
    }
    transaction.commit()?;
    for step in &steps {
        tracing::info!(
            version = step.version,
            name = step.name,
            "migrated the database"
        );
    }
    Ok(steps.iter().map(|step| step.label()).collect())
}

/// The table that the steps are recorded in. The first release made it without `serves_from`, when
/// there was one step alone, which serves from 1.
fn make_record(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
             version     INTEGER NOT NULL PRIMARY KEY,
             name        TEXT    NOT NULL,
             checksum    TEXT    NOT NULL,
             applied_at  INTEGER NOT NULL,
             serves_from INTEGER NOT NULL DEFAULT 1
         ) STRICT",
    )?;
    if has_serves_from(connection)? {
        return Ok(());
    }
    connection.execute_batch(
        "ALTER TABLE schema_migrations ADD COLUMN serves_from INTEGER NOT NULL DEFAULT 1",
    )
}

fn has_serves_from(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare("SELECT 1 FROM pragma_table_info('schema_migrations') WHERE name = 'serves_from'")?
        .exists([])
}

fn failed(step: &Migration, error: &rusqlite::Error) -> SchemaError {
    match store_error(error) {
        passing @ StoreError::Unavailable(_) => SchemaError::Store(passing),
        StoreError::Corrupt(reason) => SchemaError::Failed {
            label: step.label(),
            reason,
        },
    }
}

/// The steps that the database lacks; refuses a database that this program does not know.
pub(crate) fn pending<'m>(
    connection: &Connection,
    path: &Path,
    migrations: &'m [Migration],
) -> Result<Vec<&'m Migration>, SqliteError> {
    let applied = applied(connection, path)?;
    Ok(schema::pending(&applied, migrations)?)
}

fn applied(connection: &Connection, path: &Path) -> Result<Vec<Applied>, SqliteError> {
    let (ours, all): (i64, i64) = connection.query_row(
        "SELECT count(*) FILTER (WHERE name = 'schema_migrations'), count(*)
         FROM sqlite_schema WHERE type = 'table'",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match (ours, all) {
        (0, 0) => return Ok(Vec::new()),
        (0, _) => return Err(SqliteError::Foreign(path.to_owned())),
        _ => {}
    }
    let sql = if has_serves_from(connection)? {
        "SELECT version, name, checksum, serves_from FROM schema_migrations ORDER BY version"
    } else {
        "SELECT version, name, checksum, 1 FROM schema_migrations ORDER BY version"
    };
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok(Applied {
            version: row.get(0)?,
            name: row.get(1)?,
            checksum: row.get(2)?,
            serves_from: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The tables and indexes of this program's schema that the database lacks, or has otherwise. Of a
/// database that a newer program changed, nothing is known.
pub(crate) fn missing(connection: &Connection, path: &Path) -> Result<Vec<String>, SqliteError> {
    let applied = applied(connection, path)?;
    let is_known = |step: &Applied| ALL.iter().any(|known| known.version == step.version);
    if !applied.iter().all(is_known) {
        return Ok(Vec::new());
    }
    let model = Connection::open_in_memory()?;
    for step in ALL {
        if applied.iter().any(|done| done.version == step.version) {
            model.execute_batch(step.text)?;
        }
    }
    let there = definitions(connection)?;
    let mut missing = Vec::new();
    for (name, (kind, text)) in definitions(&model)? {
        match there.get(&name) {
            None => missing.push(format!("the {kind} {name} is missing")),
            Some((_, other)) if *other != text => {
                missing.push(format!("the {kind} {name} is not the one of this program"));
            }
            Some(_) => {}
        }
    }
    Ok(missing)
}

/// What there is by name: what kind of thing it is, and how it was made.
fn definitions(connection: &Connection) -> rusqlite::Result<BTreeMap<String, (String, String)>> {
    connection
        .prepare("SELECT name, type, sql FROM sqlite_schema WHERE sql IS NOT NULL")?
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
        .collect()
}

#[cfg(test)]
mod tests;
