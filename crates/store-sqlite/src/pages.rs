//! Pages of a table by its key. The text of a query is put together from constants of this crate,
//! one for each condition asked for; every value is a parameter.

use countersign_app::ports::store::StoreResult;
use countersign_domain::page::{Direction, Page, PageRequest};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::cells::Cells;
use crate::error::OrStoreError;

/// A query for one page in the making.
pub(crate) struct Listing<'q> {
    sql: String,
    key: &'static str,
    request: &'q PageRequest,
    values: Vec<Value>,
}

impl<'q> Listing<'q> {
    /// Starts with `SELECT … FROM …`, to be listed in the order of the column `key`.
    pub fn new(select: &'static str, key: &'static str, request: &'q PageRequest) -> Self {
        let mut listing = Self {
            sql: select.to_owned(),
            key,
            request,
            values: Vec::new(),
        };
        if let Some(cursor) = &request.cursor {
            listing.connect();
            listing.sql.push_str(key);
            listing.sql.push_str(match request.direction {
                Direction::Forward => " > ",
                Direction::Backward => " < ",
            });
            listing.value(*cursor.id());
        }
        listing
    }

    /// Adds a condition: its beginning, and the value that ends it.
    pub fn push(&mut self, condition: &'static str, value: impl Into<Bound>) {
        self.connect();
        self.sql.push_str(condition);
        self.value(value);
    }

    /// Goes on with the condition added last.
    pub fn push_on(&mut self, more: &'static str, value: impl Into<Bound>) {
        self.sql.push_str(more);
        self.value(value);
    }

    /// Ends the condition added last.
    pub fn end(&mut self, end: &'static str) {
        self.sql.push_str(end);
    }

    fn connect(&mut self) {
        self.sql.push_str(if self.values.is_empty() {
            " WHERE "
        } else {
            " AND "
        });
    }

    fn value(&mut self, value: impl Into<Bound>) {
        self.values.push(value.into().0);
        self.sql.push('?');
    }

    /// Runs it, with one row more than the page has, which tells whether there are more.
    pub fn read<T>(
        mut self,
        connection: &Connection,
        read: impl Fn(&mut Cells<'_>) -> StoreResult<T>,
    ) -> StoreResult<Page<T>> {
        self.sql.push_str(" ORDER BY ");
        self.sql.push_str(self.key);
        self.sql.push_str(match self.request.direction {
            Direction::Forward => " LIMIT ",
            Direction::Backward => " DESC LIMIT ",
        });
        self.value(i64::from(self.request.limit()) + 1);
        let mut statement = connection.prepare_cached(&self.sql).or_store_error()?;
        let mut rows = statement
            .query(params_from_iter(&self.values))
            .or_store_error()?;
        let mut found = Vec::with_capacity(usize::from(self.request.limit()) + 1);
        while let Some(row) = rows.next().or_store_error()? {
            found.push(read(&mut Cells::of(row))?);
        }
        Ok(Page::from_rows(found, self.request))
    }
}

/// A value to bind.
pub(crate) struct Bound(Value);

impl From<i64> for Bound {
    fn from(number: i64) -> Self {
        Self(Value::Integer(number))
    }
}

impl From<&str> for Bound {
    fn from(text: &str) -> Self {
        Self(Value::Text(text.to_owned()))
    }
}

impl From<uuid::Uuid> for Bound {
    fn from(id: uuid::Uuid) -> Self {
        Self(Value::Blob(id.into_bytes().to_vec()))
    }
}
