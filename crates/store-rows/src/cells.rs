//! Reads a row cell by cell, from left to right, into the types of the domain. What does not fit is
//! `Corrupt`; the message names the column and never the value.

use std::str::FromStr;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::time::Timestamp;
use countersign_token::{Scope, Scopes};
use uuid::Uuid;

/// A cell is of another type than it is read as, or is not there.
#[derive(Clone, Copy, Debug)]
pub struct Unreadable;

/// What a driver gives. Columns count from 0; `None` is `NULL`.
pub trait Driver {
    /// A row.
    type Row<'r>: Copy;

    /// A text.
    fn text(row: Self::Row<'_>, column: usize) -> Result<Option<&str>, Unreadable>;

    /// Bytes.
    fn blob(row: Self::Row<'_>, column: usize) -> Result<Option<&[u8]>, Unreadable>;

    /// A whole number.
    fn integer(row: Self::Row<'_>, column: usize) -> Result<Option<i64>, Unreadable>;

    /// A yes or no: where the engine has none, 1 or 0.
    fn truth(row: Self::Row<'_>, column: usize) -> Result<Option<bool>, Unreadable> {
        match Self::integer(row, column)? {
            None => Ok(None),
            Some(0) => Ok(Some(false)),
            Some(1) => Ok(Some(true)),
            Some(_) => Err(Unreadable),
        }
    }

    /// An id: where the engine has none, its 16 bytes.
    fn id(row: Self::Row<'_>, column: usize) -> Result<Option<Uuid>, Unreadable> {
        let id = Self::blob(row, column)?.map(Uuid::from_slice);
        id.transpose().map_err(|_| Unreadable)
    }

    /// The column's name, for messages.
    fn name(row: Self::Row<'_>, column: usize) -> Option<String>;
}

/// A row and the place in it.
#[derive(Debug)]
pub struct Cells<'r, D: Driver> {
    row: D::Row<'r>,
    next: usize,
}

impl<'r, D: Driver> Cells<'r, D> {
    /// From the first column on.
    pub fn of(row: D::Row<'r>) -> Self {
        Self::at(row, 0)
    }

    /// From the column `place` on.
    pub fn at(row: D::Row<'r>, place: usize) -> Self {
        Self { row, next: place }
    }

    /// The column that is read next.
    pub fn place(&self) -> usize {
        self.next
    }

    fn take<T>(
        &mut self,
        read: impl FnOnce(D::Row<'r>, usize) -> Result<Option<T>, Unreadable>,
    ) -> StoreResult<Option<T>> {
        let value = read(self.row, self.next);
        self.next += 1;
        value.map_err(|Unreadable| self.corrupt())
    }

    /// The complaint about the column just read.
    fn corrupt(&self) -> StoreError {
        let column = D::name(self.row, self.next.saturating_sub(1));
        let column = column.as_deref().unwrap_or("?");
        StoreError::Corrupt(format!("the column {column} can't be read"))
    }

    fn there<T>(&self, value: Option<T>) -> StoreResult<T> {
        value.ok_or_else(|| self.corrupt())
    }

    /// A text.
    pub fn text_or_null(&mut self) -> StoreResult<Option<&'r str>> {
        self.take(D::text)
    }

    /// The same, which must be there.
    pub fn text(&mut self) -> StoreResult<&'r str> {
        let text = self.text_or_null()?;
        self.there(text)
    }

    /// A text that parses.
    pub fn parsed_or_null<T: FromStr>(&mut self) -> StoreResult<Option<T>> {
        self.named_or_null(|text| text.parse().ok())
    }

    /// The same, which must be there.
    pub fn parsed<T: FromStr>(&mut self) -> StoreResult<T> {
        let value = self.parsed_or_null()?;
        self.there(value)
    }

    /// A text that `read` understands.
    pub fn named_or_null<T>(
        &mut self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> StoreResult<Option<T>> {
        match self.text_or_null()? {
            Some(text) => self.there(read(text)).map(Some),
            None => Ok(None),
        }
    }

    /// The same, which must be there.
    pub fn named<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> StoreResult<T> {
        let value = self.named_or_null(read)?;
        self.there(value)
    }

    /// A list of scopes of any length: what was stored is read back, whatever the parser of
    /// requests would say.
    pub fn scopes_or_null(&mut self) -> StoreResult<Option<Scopes>> {
        self.named_or_null(|list| {
            let names = list.split(' ').filter(|name| !name.is_empty());
            names.map(Scope::from_str).collect::<Result<_, _>>().ok()
        })
    }

    /// The same, which must be there.
    pub fn scopes(&mut self) -> StoreResult<Scopes> {
        let scopes = self.scopes_or_null()?;
        self.there(scopes)
    }

    /// A whole number.
    pub fn integer_or_null(&mut self) -> StoreResult<Option<i64>> {
        self.take(D::integer)
    }

    /// A number that fits into `T`.
    pub fn number<T: TryFrom<i64>>(&mut self) -> StoreResult<T> {
        let number = self.integer_or_null()?;
        self.there(number.and_then(|number| T::try_from(number).ok()))
    }

    /// A yes or no.
    pub fn truth(&mut self) -> StoreResult<bool> {
        let truth = self.take(D::truth)?;
        self.there(truth)
    }

    /// A moment, in milliseconds since 1970.
    pub fn moment_or_null(&mut self) -> StoreResult<Option<Timestamp>> {
        Ok(self.integer_or_null()?.map(Timestamp::from_millis))
    }

    /// The same, which must be there.
    pub fn moment(&mut self) -> StoreResult<Timestamp> {
        let moment = self.moment_or_null()?;
        self.there(moment)
    }

    /// Bytes.
    pub fn blob(&mut self) -> StoreResult<&'r [u8]> {
        let blob = self.take(D::blob)?;
        self.there(blob)
    }

    /// Bytes of a known length.
    pub fn bytes_or_null<const N: usize>(&mut self) -> StoreResult<Option<[u8; N]>> {
        match self.take(D::blob)? {
            Some(blob) => self.there(blob.try_into().ok()).map(Some),
            None => Ok(None),
        }
    }

    /// The same, which must be there.
    pub fn bytes<const N: usize>(&mut self) -> StoreResult<[u8; N]> {
        let bytes = self.bytes_or_null()?;
        self.there(bytes)
    }

    /// An id.
    pub fn id_or_null(&mut self) -> StoreResult<Option<Uuid>> {
        self.take(D::id)
    }

    /// The same, which must be there.
    pub fn id(&mut self) -> StoreResult<Uuid> {
        let id = self.id_or_null()?;
        self.there(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a driver might give.
    #[derive(Clone, Copy)]
    enum Cell {
        Null,
        Text(&'static str),
        Blob(&'static [u8]),
        Integer(i64),
    }

    struct Samples;

    impl Driver for Samples {
        type Row<'r> = &'r [Cell];

        fn text(row: Self::Row<'_>, column: usize) -> Result<Option<&str>, Unreadable> {
            match row.get(column) {
                Some(Cell::Text(text)) => Ok(Some(text)),
                Some(Cell::Null) => Ok(None),
                _ => Err(Unreadable),
            }
        }

        fn blob(row: Self::Row<'_>, column: usize) -> Result<Option<&[u8]>, Unreadable> {
            match row.get(column) {
                Some(Cell::Blob(blob)) => Ok(Some(blob)),
                Some(Cell::Null) => Ok(None),
                _ => Err(Unreadable),
            }
        }

        fn integer(row: &[Cell], column: usize) -> Result<Option<i64>, Unreadable> {
            match row.get(column) {
                Some(Cell::Integer(number)) => Ok(Some(*number)),
                Some(Cell::Null) => Ok(None),
                _ => Err(Unreadable),
            }
        }

        fn name(row: &[Cell], column: usize) -> Option<String> {
            row.get(column).map(|_| format!("c{column}"))
        }
    }

    fn cells(row: &[Cell]) -> Cells<'_, Samples> {
        Cells::of(row)
    }

    #[test]
    fn cells_are_read_from_left_to_right() {
        let row: &[Cell] = &[
            Cell::Text("a"),
            Cell::Null,
            Cell::Integer(7),
            Cell::Blob(b"xy"),
        ];
        let mut cells = cells(row);
        assert_eq!(cells.text().unwrap(), "a");
        assert_eq!(cells.id_or_null().unwrap(), None);
        assert_eq!(cells.place(), 2);
        assert_eq!(cells.number::<u8>().unwrap(), 7);
        assert_eq!(cells.bytes::<2>().unwrap(), *b"xy");
    }

    #[test]
    fn what_does_not_fit_is_told_by_its_column_and_not_by_its_value() {
        let complaint = |error: StoreError| error.to_string();
        let secret: &[Cell] = &[Cell::Text("secret")];
        let wrong = [
            cells(secret).integer_or_null().map(drop),
            cells(secret).number::<u8>().map(drop),
            cells(secret).parsed::<u8>().map(drop),
            cells(secret).bytes::<16>().map(drop),
            cells(secret).id().map(drop),
            cells(&[Cell::Null]).text().map(drop),
            cells(&[Cell::Integer(256)]).number::<u8>().map(drop),
            cells(&[Cell::Integer(2)]).truth().map(drop),
            cells(&[Cell::Blob(b"short")]).id().map(drop),
        ];
        for error in wrong {
            let said = complaint(error.unwrap_err());
            assert!(said.ends_with("the column c0 can't be read"), "{said}");
        }
        let said = complaint(cells(&[]).text().unwrap_err());
        assert!(said.ends_with("the column ? can't be read"), "{said}");
    }
}
