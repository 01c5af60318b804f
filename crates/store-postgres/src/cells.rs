//! Rows as the server gives them.

use countersign_store_rows::{Driver, Unreadable};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

/// A row and the place in it.
pub(crate) type Cells<'r> = countersign_store_rows::Cells<'r, Postgres>;

/// The driver.
#[derive(Debug)]
pub(crate) struct Postgres;

fn value<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<Option<T>, Unreadable> {
    row.try_get(column).map_err(|_| Unreadable)
}

impl Driver for Postgres {
    type Row<'r> = &'r Row;

    fn text(row: Self::Row<'_>, column: usize) -> Result<Option<&str>, Unreadable> {
        value(row, column)
    }

    fn blob(row: Self::Row<'_>, column: usize) -> Result<Option<&[u8]>, Unreadable> {
        value(row, column)
    }

    fn integer(row: &Row, column: usize) -> Result<Option<i64>, Unreadable> {
        value(row, column)
    }

    fn truth(row: &Row, column: usize) -> Result<Option<bool>, Unreadable> {
        value(row, column)
    }

    fn id(row: &Row, column: usize) -> Result<Option<Uuid>, Unreadable> {
        value(row, column)
    }

    fn name(row: &Row, column: usize) -> Option<String> {
        let column = row.columns().get(column)?;
        Some(column.name().to_owned())
    }
}
