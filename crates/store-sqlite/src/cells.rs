//! Rows as `SQLite` gives them.

use countersign_store_rows::{Driver, Unreadable};
use rusqlite::Row;
use rusqlite::types::ValueRef;

/// A row and the place in it.
pub(crate) type Cells<'r> = countersign_store_rows::Cells<'r, Sqlite>;

/// The driver.
#[derive(Debug)]
pub(crate) struct Sqlite;

fn value<'r>(row: &'r Row<'_>, column: usize) -> Result<ValueRef<'r>, Unreadable> {
    row.get_ref(column).map_err(|_| Unreadable)
}

impl Driver for Sqlite {
    type Row<'r> = &'r Row<'r>;

    fn text(row: Self::Row<'_>, column: usize) -> Result<Option<&str>, Unreadable> {
        let value = value(row, column)?;
        value.as_str_or_null().map_err(|_| Unreadable)
    }

    fn blob(row: Self::Row<'_>, column: usize) -> Result<Option<&[u8]>, Unreadable> {
        let value = value(row, column)?;
        value.as_blob_or_null().map_err(|_| Unreadable)
    }

    fn integer(row: &Row<'_>, column: usize) -> Result<Option<i64>, Unreadable> {
        let value = value(row, column)?;
        value.as_i64_or_null().map_err(|_| Unreadable)
    }

    fn name(row: &Row<'_>, column: usize) -> Option<String> {
        let name = row.as_ref().column_name(column).ok()?;
        Some(name.to_owned())
    }
}
