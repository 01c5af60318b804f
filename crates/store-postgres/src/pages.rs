//! Pages of a table by its key. The text of a query is put together from constants of this crate,
//! one for each condition asked for; every value is a parameter.

use std::fmt::Write as _;

use countersign_app::ports::store::StoreResult;
use countersign_domain::page::{Direction, Page, PageRequest};

use crate::cells::Cells;
use crate::connection::Statement;
use crate::error::Fault;
use crate::pool::Lease;
use crate::value::Value;

/// A query for one page in the making.
pub(crate) struct Listing<'q> {
    text: String,
    key: &'static str,
    request: &'q PageRequest,
    values: Vec<Value>,
}

impl<'q> Listing<'q> {
    /// Starts with `SELECT … FROM …`, to be listed in the order of the column `key`.
    pub fn new(select: &'static str, key: &'static str, request: &'q PageRequest) -> Self {
        let mut listing = Self {
            text: select.to_owned(),
            key,
            request,
            values: Vec::new(),
        };
        if let Some(cursor) = &request.cursor {
            listing.connect();
            listing.text.push_str(key);
            listing.text.push_str(match request.direction {
                Direction::Forward => " > ",
                Direction::Backward => " < ",
            });
            listing.value(*cursor.id());
        }
        listing
    }

    /// Adds a condition: its beginning, and the value that ends it.
    pub fn push(&mut self, condition: &'static str, value: impl Into<Value>) {
        self.connect();
        self.text.push_str(condition);
        self.value(value);
    }

    /// Goes on with the condition added last.
    pub fn push_on(&mut self, more: &'static str, value: impl Into<Value>) {
        self.text.push_str(more);
        self.value(value);
    }

    /// Ends the condition added last.
    pub fn end(&mut self, end: &'static str) {
        self.text.push_str(end);
    }

    fn connect(&mut self) {
        self.text.push_str(if self.values.is_empty() {
            " WHERE "
        } else {
            " AND "
        });
    }

    fn value(&mut self, value: impl Into<Value>) {
        self.values.push(value.into());
        // Writing to a string does not fail.
        let _ = write!(self.text, "${}", self.values.len());
    }

    /// The statement, for one row more than the page has, which tells whether there are more.
    pub fn statement(mut self) -> Statement {
        self.text.push_str(" ORDER BY ");
        self.text.push_str(self.key);
        self.text.push_str(match self.request.direction {
            Direction::Forward => " LIMIT ",
            Direction::Backward => " DESC LIMIT ",
        });
        self.value(i64::from(self.request.limit()) + 1);
        Statement::new(self.text, self.values)
    }

    /// Runs it.
    pub async fn read<T>(
        self,
        lease: &mut Lease,
        read: impl Fn(&mut Cells<'_>) -> StoreResult<T>,
    ) -> Result<Page<T>, Fault> {
        let request = self.request;
        let answer = lease.run(self.statement()).await?;
        let found = answer
            .rows
            .iter()
            .map(|row| read(&mut Cells::of(row)))
            .collect::<StoreResult<Vec<_>>>()?;
        Ok(Page::from_rows(found, request))
    }
}
