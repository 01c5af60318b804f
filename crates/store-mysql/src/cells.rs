//! Reads a row cell by cell, from left to right, into the types of the domain. What does not fit is
//! `Corrupt`; the message names the column and never the value.

use std::str::FromStr;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::time::Timestamp;
use countersign_token::{Scope, Scopes};
use mysql_async::{Row, Value};
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

    /// The complaint about the column just read.
    fn corrupt(&self) -> StoreError {
        let columns = self.row.columns_ref();
        let column = columns
            .get(self.next.saturating_sub(1))
            .map_or_else(|| "?".into(), |column| column.name_str().into_owned());
        StoreError::Corrupt(format!("the column {column} can't be read"))
    }

    /// The server answers in text: every value is bytes.
    pub fn blob_or_null(&mut self) -> StoreResult<Option<&'r [u8]>> {
        let value = self.row.as_ref(self.next);
        self.next += 1;
        match value {
            Some(Value::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Value::NULL) => Ok(None),
            _ => Err(self.corrupt()),
        }
    }

    pub fn text_or_null(&mut self) -> StoreResult<Option<&'r str>> {
        match self.blob_or_null()? {
            Some(bytes) => std::str::from_utf8(bytes)
                .map(Some)
                .map_err(|_| self.corrupt()),
            None => Ok(None),
        }
    }

    pub fn text(&mut self) -> StoreResult<&'r str> {
        self.text_or_null()?.ok_or_else(|| self.corrupt())
    }

    pub fn parsed_or_null<T: FromStr>(&mut self) -> StoreResult<Option<T>> {
        match self.text_or_null()? {
            Some(text) => text.parse().map(Some).map_err(|_| self.corrupt()),
            None => Ok(None),
        }
    }

    pub fn parsed<T: FromStr>(&mut self) -> StoreResult<T> {
        self.parsed_or_null()?.ok_or_else(|| self.corrupt())
    }

    /// A text that `read` understands.
    pub fn named<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> StoreResult<T> {
        let text = self.text()?;
        read(text).ok_or_else(|| self.corrupt())
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
        self.scopes_or_null()?.ok_or_else(|| self.corrupt())
    }

    /// A number that fits into `T`.
    pub fn number<T: FromStr>(&mut self) -> StoreResult<T> {
        self.parsed()
    }

    pub fn moment_or_null(&mut self) -> StoreResult<Option<Timestamp>> {
        Ok(self.parsed_or_null()?.map(Timestamp::from_millis))
    }

    pub fn moment(&mut self) -> StoreResult<Timestamp> {
        self.moment_or_null()?.ok_or_else(|| self.corrupt())
    }

    pub fn bytes_or_null<const N: usize>(&mut self) -> StoreResult<Option<[u8; N]>> {
        match self.blob_or_null()? {
            Some(blob) => blob.try_into().map(Some).map_err(|_| self.corrupt()),
            None => Ok(None),
        }
    }

    pub fn bytes<const N: usize>(&mut self) -> StoreResult<[u8; N]> {
        self.bytes_or_null()?.ok_or_else(|| self.corrupt())
    }

    pub fn id_or_null(&mut self) -> StoreResult<Option<Uuid>> {
        Ok(self.bytes_or_null()?.map(Uuid::from_bytes))
    }

    pub fn id(&mut self) -> StoreResult<Uuid> {
        Ok(Uuid::from_bytes(self.bytes()?))
    }
}
