//! Reads a row cell by cell, from left to right, into the types of the domain. What does not fit is
//! `Corrupt`; the message names the column and never the value.

use std::str::FromStr;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::time::Timestamp;
use countersign_token::{Scope, Scopes};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

/// A row and the place in it.
pub(crate) struct Cells<'r> {
    row: &'r Row,
    next: usize,
}

impl<'r> Cells<'r> {
    /// From the first column on.
    pub fn of(row: &'r Row) -> Self {
        Self { row, next: 0 }
    }

    /// From the column `place` on.
    pub fn at(row: &'r Row, place: usize) -> Self {
        Self { row, next: place }
    }

    /// The column that is read next.
    pub fn place(&self) -> usize {
        self.next
    }

    fn take<T: FromSql<'r>>(&mut self) -> StoreResult<Option<T>> {
        let value = self.row.try_get(self.next);
        self.next += 1;
        value.map_err(|_| self.corrupt())
    }

    /// The complaint about the column just read.
    fn corrupt(&self) -> StoreError {
        let column = self.row.columns().get(self.next.saturating_sub(1));
        let name = column.map_or("?", tokio_postgres::Column::name);
        StoreError::Corrupt(format!("the column {name} can't be read"))
    }

    fn there<T>(&self, value: Option<T>) -> StoreResult<T> {
        value.ok_or_else(|| self.corrupt())
    }

    pub fn text_or_null(&mut self) -> StoreResult<Option<&'r str>> {
        self.take()
    }

    pub fn text(&mut self) -> StoreResult<&'r str> {
        let text = self.text_or_null()?;
        self.there(text)
    }

    pub fn parsed_or_null<T: FromStr>(&mut self) -> StoreResult<Option<T>> {
        match self.text_or_null()? {
            Some(text) => text.parse().map(Some).map_err(|_| self.corrupt()),
            None => Ok(None),
        }
    }

    pub fn parsed<T: FromStr>(&mut self) -> StoreResult<T> {
        let value = self.parsed_or_null()?;
        self.there(value)
    }

    /// A text that `read` understands.
    pub fn named<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> StoreResult<T> {
        let text = self.text()?;
        self.there(read(text))
    }

    /// A text that `read` understands, or nothing.
    pub fn named_or_null<T>(
        &mut self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> StoreResult<Option<T>> {
        match self.text_or_null()? {
            Some(text) => self.there(read(text)).map(Some),
            None => Ok(None),
        }
    }

    /// A list of scopes of any length: what was stored is read back, whatever the parser of
    /// requests would say.
    pub fn scopes_or_null(&mut self) -> StoreResult<Option<Scopes>> {
        let Some(list) = self.text_or_null()? else {
            return Ok(None);
        };
        let names = list.split(' ').filter(|name| !name.is_empty());
        let scopes = names.map(Scope::from_str).collect::<Result<_, _>>();
        scopes.map(Some).map_err(|_| self.corrupt())
    }

    pub fn scopes(&mut self) -> StoreResult<Scopes> {
        let scopes = self.scopes_or_null()?;
        self.there(scopes)
    }

    pub fn truth(&mut self) -> StoreResult<bool> {
        let truth = self.take()?;
        self.there(truth)
    }

    pub fn integer_or_null(&mut self) -> StoreResult<Option<i64>> {
        self.take()
    }

    /// A number that fits into `T`.
    pub fn number<T: TryFrom<i64>>(&mut self) -> StoreResult<T> {
        let number = self
            .integer_or_null()?
            .and_then(|number| T::try_from(number).ok());
        self.there(number)
    }

    pub fn moment_or_null(&mut self) -> StoreResult<Option<Timestamp>> {
        Ok(self.integer_or_null()?.map(Timestamp::from_millis))
    }

    pub fn moment(&mut self) -> StoreResult<Timestamp> {
        let moment = self.moment_or_null()?;
        self.there(moment)
    }

    pub fn blob(&mut self) -> StoreResult<&'r [u8]> {
        let blob = self.take()?;
        self.there(blob)
    }

    pub fn bytes_or_null<const N: usize>(&mut self) -> StoreResult<Option<[u8; N]>> {
        match self.take::<&[u8]>()? {
            Some(blob) => blob.try_into().map(Some).map_err(|_| self.corrupt()),
            None => Ok(None),
        }
    }

    pub fn bytes<const N: usize>(&mut self) -> StoreResult<[u8; N]> {
        let bytes = self.bytes_or_null()?;
        self.there(bytes)
    }

    pub fn id_or_null(&mut self) -> StoreResult<Option<Uuid>> {
        self.take()
    }

    pub fn id(&mut self) -> StoreResult<Uuid> {
        let id = self.id_or_null()?;
        self.there(id)
    }
}
