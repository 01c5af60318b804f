//! Copies of the database while it is in use, and a check of the whole file.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::connection;
use crate::error::SqliteError;
use crate::migrations;
use crate::options::SqliteOptions;

/// How many pages are copied between two reports.
const STEP: std::ffi::c_int = 1024;

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupProgress {
    /// Pages copied.
    pub copied: u32,
    /// Pages in all.
    pub total: u32,
}

/// Copies the database as it is at one moment. The copy appears under its name when it is whole.
pub(crate) fn copy(
    from: &Path,
    to: &Path,
    options: &SqliteOptions,
    mut report: impl FnMut(BackupProgress),
) -> Result<(), SqliteError> {
    if to.exists() {
        return Err(SqliteError::TargetExists(to.to_owned()));
    }
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Partial(partial.into());
    partial.remove();
    connection::create_file(&partial.0)?;

    let source = connection::reading(from, options.busy_timeout)?;
    // An open read keeps to one moment: the copy need not begin anew at each write of others.
    source.execute_batch("BEGIN")?;
    source.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let mut target = connection::writing(&partial.0, options.busy_timeout)?;
    copy_pages(&source, &mut target, &mut report)?;
    source.execute_batch("COMMIT")?;
    target.close().map_err(|(_, error)| error)?;

    let io = |source| SqliteError::Io {
        path: to.to_owned(),
        source,
    };
    fs::File::open(&partial.0)
        .and_then(|file| file.sync_all())
        .map_err(io)?;
    // Unlike a rename, a link never replaces what somebody put there meanwhile.
    fs::hard_link(&partial.0, to).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => SqliteError::TargetExists(to.to_owned()),
        _ => io(error),
    })?;
    drop(partial);
    let folder = to
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io)
}

fn copy_pages(
    source: &Connection,
    target: &mut Connection,
    report: &mut impl FnMut(BackupProgress),
) -> Result<(), SqliteError> {
    let backup = Backup::new(source, target)?;
    loop {
        let step = backup.step(STEP)?;
        let now = backup.progress();
        let pages = |n: std::ffi::c_int| u32::try_from(n).unwrap_or(0);
        let total = pages(now.pagecount);
        report(BackupProgress {
            copied: total.saturating_sub(pages(now.remaining)),
            total,
        });
        if matches!(step, StepResult::Done) {
            return Ok(());
        }
    }
}

/// A copy in the making; removed whatever happens.
struct Partial(PathBuf);

impl Partial {
    fn remove(&self) {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let mut path = self.0.as_os_str().to_owned();
            path.push(suffix);
            let _ = fs::remove_file(path);
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        self.remove();
    }
}

/// What is wrong with the database: nothing, if all is well.
pub(crate) fn problems(path: &Path, options: &SqliteOptions) -> Result<Vec<String>, SqliteError> {
    let connection = connection::reading(path, options.busy_timeout)?;
    let mut statement = connection.prepare("PRAGMA integrity_check(100)")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut problems: Vec<String> = lines.collect::<Result<_, _>>()?;
    problems.retain(|line| line != "ok");
    let mut statement = connection.prepare(
        "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (table, parent, count): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        problems.push(format!(
            "{count} rows of {table} refer to no row of {parent}"
        ));
    }
    problems.extend(migrations::missing(&connection, path)?);
    Ok(problems)
}
