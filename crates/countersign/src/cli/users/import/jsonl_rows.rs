//! JSON Lines: one object a line; empty lines are passed over.

use std::io::{self, BufRead as _, BufReader, Read};

use super::cell::Members;
use super::problem::Problem;
use super::rows::{Fields, MAX_LINE_BYTES, Row, sorted};

const NOT_AN_OBJECT: &str = "is not one JSON object: write one object a line";

/// The lines of a file.
pub(super) struct JsonlRows<R> {
    reader: BufReader<R>,
    line: u64,
    end: u64,
    buffer: Vec<u8>,
}

impl<R: Read> JsonlRows<R> {
    pub(super) fn new(file: R) -> Self {
        Self {
            reader: BufReader::with_capacity(1 << 16, file),
            line: 0,
            end: 0,
            buffer: Vec::new(),
        }
    }

    /// Reads one line into the buffer; `None` at the end of the file. A line that is too long is
    /// passed over and counted.
    fn next_line(&mut self) -> io::Result<Option<usize>> {
        self.buffer.clear();
        let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
        let mut length = 0;
        loop {
            let read = (&mut self.reader)
                .take(limit)
                .read_until(b'\n', &mut self.buffer)?;
            length += read;
            if read == 0 || self.buffer.last() == Some(&b'\n') {
                break;
            }
            if length > MAX_LINE_BYTES {
                self.buffer.clear();
            }
        }
        self.end += u64::try_from(length).unwrap_or(0);
        Ok((length > 0).then_some(length))
    }

    fn parse(&self, length: usize) -> Option<Result<Fields, Vec<Problem>>> {
        let wrong = |message: String| Some(Err(vec![Problem::line(self.line, message)]));
        if length > MAX_LINE_BYTES {
            return wrong(format!("is longer than {MAX_LINE_BYTES} bytes"));
        }
        let bytes = match self.buffer.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) if self.line == 1 => rest,
            _ => self.buffer.as_slice(),
        }
        .trim_ascii();
        if bytes.is_empty() {
            return None;
        }
        match serde_json::from_slice::<Members>(bytes) {
            Ok(Members(members)) => Some(sorted(self.line, members)),
            // The reader's own message may repeat what it read.
            Err(error) if error.column() == 0 => wrong(NOT_AN_OBJECT.to_owned()),
            Err(error) => wrong(format!("{NOT_AN_OBJECT} (at column {})", error.column())),
        }
    }
}

impl<R: Read> Iterator for JsonlRows<R> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.line += 1;
            let length = match self.next_line() {
                Ok(length) => length?,
                Err(error) => return Some(Err(error)),
            };
            if let Some(fields) = self.parse(length) {
                return Some(Ok(Row {
                    line: self.line,
                    end: self.end,
                    fields,
                }));
            }
        }
    }
}
