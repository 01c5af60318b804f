//! The schema, as numbered steps forward that are part of the program. Each is recorded with the
//! SHA-256 of its text; a database whose record differs from the program's is not touched.

use std::fmt::Write as _;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};
use sha2::{Digest, Sha256};

use crate::error::SqliteError;

/// One step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    pub version: u32,
    pub name: &'static str,
    pub sql: &'static str,
}

/// All steps, in order.
pub(crate) const ALL: &[Migration] = &[Migration {
    version: 1,
    name: "first",
    sql: include_str!("../migrations/0001_first.sql"),
}];

impl Migration {
    fn checksum(&self) -> String {
        let digest = Sha256::digest(self.sql.as_bytes());
        digest
            .iter()
            .fold(String::with_capacity(64), |mut text, byte| {
                // Writing to a string does not fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

/// Applies what is missing, under the write lock, so that of two processes one does.
pub(crate) fn apply(
    connection: &mut Connection,
    path: &Path,
    migrations: &[Migration],
) -> Result<(), SqliteError> {
    if pending(connection, path, migrations)?.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
             version    INTEGER NOT NULL PRIMARY KEY,
             name       TEXT    NOT NULL,
             checksum   TEXT    NOT NULL,
             applied_at INTEGER NOT NULL
         ) STRICT",
    )?;
    // Looked at again: another process may have been first.
    for migration in pending(&transaction, path, migrations)? {
        transaction.execute_batch(migration.sql)?;
        transaction.execute(
            "INSERT INTO schema_migrations (version, name, checksum, applied_at)
             VALUES (?1, ?2, ?3, unixepoch() * 1000)",
            (migration.version, migration.name, migration.checksum()),
        )?;
        tracing::info!(
            version = migration.version,
            name = migration.name,
            "migrated the database"
        );
    }
    transaction.commit()?;
    Ok(())
}

/// The steps that the database lacks; refuses a database that this program does not know.
pub(crate) fn pending<'m>(
    connection: &Connection,
    path: &Path,
    migrations: &'m [Migration],
) -> Result<Vec<&'m Migration>, SqliteError> {
    let applied = applied(connection, path)?;
    for (version, name, checksum) in &applied {
        match migrations.iter().find(|m| m.version == *version) {
            None => {
                return Err(SqliteError::TooNew {
                    version: *version,
                    name: name.clone(),
                });
            }
            Some(known) if known.checksum() != *checksum => {
                let name = name.clone();
                return Err(SqliteError::MigrationChanged {
                    version: *version,
                    name,
                });
            }
            Some(_) => {}
        }
    }
    let is_applied = |m: &&Migration| applied.iter().any(|(version, ..)| *version == m.version);
    Ok(migrations.iter().filter(|m| !is_applied(m)).collect())
}

fn applied(
    connection: &Connection,
    path: &Path,
) -> Result<Vec<(u32, String, String)>, SqliteError> {
    let (ours, all): (i64, i64) = connection.query_row(
        "SELECT count(*) FILTER (WHERE name = 'schema_migrations'), count(*)
         FROM sqlite_schema WHERE type = 'table'",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match (ours, all) {
        (0, 0) => Ok(Vec::new()),
        (0, _) => Err(SqliteError::Foreign(path.to_owned())),
        _ => {
            let mut statement = connection.prepare(
                "SELECT version, name, checksum FROM schema_migrations ORDER BY version",
            )?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        }
    }
}

#[cfg(test)]
mod tests;
