//! Rows as the server gives them: in text, so every value is bytes.

use countersign_store_rows::{Driver, Unreadable};
use mysql_async::{Row, Value};

/// A row and the place in it.
pub(crate) type Cells<'r> = countersign_store_rows::Cells<'r, MySql>;

/// The driver.
#[derive(Debug)]
pub(crate) struct MySql;

impl Driver for MySql {
    type Row<'r> = &'r Row;

    fn text(row: Self::Row<'_>, column: usize) -> Result<Option<&str>, Unreadable> {
        let text = Self::blob(row, column)?.map(std::str::from_utf8);
        text.transpose().map_err(|_| Unreadable)
    }

    fn blob(row: Self::Row<'_>, column: usize) -> Result<Option<&[u8]>, Unreadable> {
        match row.as_ref(column) {
            Some(Value::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Value::NULL) => Ok(None),
            _ => Err(Unreadable),
        }
    }

    fn integer(row: &Row, column: usize) -> Result<Option<i64>, Unreadable> {
        let number = Self::text(row, column)?.map(str::parse);
        number.transpose().map_err(|_| Unreadable)
    }

    fn name(row: &Row, column: usize) -> Option<String> {
        let column = row.columns_ref().get(column)?;
        Some(column.name_str().into_owned())
    }
}
