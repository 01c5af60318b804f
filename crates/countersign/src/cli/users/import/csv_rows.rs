//! CSV with a header line (RFC 4180). An empty cell is no value. A record that is spread over
//! several lines counts by its first one.

use std::io::{self, Read};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::Field;
use super::cell::Cell;
use super::problem::Problem;
use super::rows::{MAX_LINE_BYTES, Row, sorted};

/// The records of a file.
pub(super) struct CsvRows<R> {
    reader: Reader<R>,
    header: Option<Vec<String>>,
    record: StringRecord,
    is_over: bool,
}

impl<R: Read> CsvRows<R> {
    pub(super) fn new(file: R) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(true)
            .trim(Trim::Headers)
            .flexible(true)
            .from_reader(file);
        Self {
            reader,
            header: None,
            record: StringRecord::new(),
            is_over: false,
        }
    }

    /// Reads the header; a bad one is the only thing reported of the file.
    fn read_header(&mut self) -> io::Result<Result<(), Row>> {
        let names: Vec<String> = match self.reader.headers() {
            Ok(header) => header.iter().map(ToOwned::to_owned).collect(),
            Err(error) => return self.failed(error).map(Err),
        };
        let cells = names.iter().map(|name| (name.clone(), Cell::Nothing));
        let problems = match sorted(1, cells) {
            Ok(fields) if fields.is_empty() => {
                vec![Problem::line(
                    1,
                    format!("must name the columns: {}", Field::names()),
                )]
            }
            Ok(_) => {
                self.header = Some(names);
                return Ok(Ok(()));
            }
            Err(problems) => problems,
        };
        self.is_over = true;
        Ok(Err(self.row(1, Err(problems))))
    }

    fn record(&mut self) -> Row {
        let line = self.record.position().map_or(0, csv::Position::line);
        let header = self.header.as_deref().unwrap_or_default();
        if self.record.len() != header.len() {
            let message = format!(
                "has {} cells, but the header names {} columns",
                self.record.len(),
                header.len()
            );
            return self.row(line, Err(vec![Problem::line(line, message)]));
        }
        if self.record.as_slice().len() > MAX_LINE_BYTES {
            let message = format!("is longer than {MAX_LINE_BYTES} bytes: is a quote not closed?");
            return self.row(line, Err(vec![Problem::line(line, message)]));
        }
        let named = header
            .iter()
            .cloned()
            .zip(self.record.iter().map(Cell::from_csv));
        let fields = sorted(line, named);
        self.row(line, fields)
    }

    fn failed(&mut self, error: csv::Error) -> io::Result<Row> {
        let line = error.position().map_or(1, csv::Position::line);
        match error.into_kind() {
            ErrorKind::Io(error) => Err(error),
            ErrorKind::Utf8 { .. } => {
                Ok(self.row(line, Err(vec![Problem::line(line, "is not UTF-8")])))
            }
            _ => Ok(self.row(line, Err(vec![Problem::line(line, "is not CSV")]))),
        }
    }

    fn row(&self, line: u64, fields: Result<super::rows::Fields, Vec<Problem>>) -> Row {
        Row {
            line,
            end: self.reader.position().byte(),
            fields,
        }
    }
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.header.is_none() && !self.is_over {
            match self.read_header() {
                Ok(Ok(())) => {}
                Ok(Err(row)) => return Some(Ok(row)),
                Err(error) => return Some(Err(error)),
            }
        }
        if self.is_over {
            return None;
        }
        let mut record = std::mem::take(&mut self.record);
        let read = self.reader.read_record(&mut record);
        self.record = record;
        match read {
            Ok(true) => Some(Ok(self.record())),
            Ok(false) => None,
            Err(error) => Some(self.failed(error)),
        }
    }
}
