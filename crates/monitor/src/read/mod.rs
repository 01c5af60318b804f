//! Reads invocations out of log lines: our own, as JSON or as text, those of AWS Lambda's platform and of
//! functions in other languages, and both as the AWS command line prints them. A line that says nothing
//! known is counted and passed over; nothing ends the reading.
//!
//! What belongs together is told by the request's id; text without one belongs to the invocation that its
//! log stream has open.

mod book;
mod event;
mod json;
mod pairs;
mod platform;
mod prefix;
mod text;

use serde_json::Value;

use crate::{Limits, Stock};
use book::Book;
use event::Place;

/// The longest JSON document over several lines that is waited for, in bytes.
const MAX_DOCUMENT: usize = 64 * 1024 * 1024;

/// How many lines may look like the end of a document and not be it.
const MAX_ENDS: u8 = 4;

/// What became of the lines that were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// How many lines there were.
    pub lines: u64,
    /// How many belong to no invocation: starts of servers, metrics, and other lines of a known form.
    pub beside: u64,
    /// How many could not be read.
    pub unread: u64,
}

/// Reads log lines one by one, in bounded memory.
#[derive(Debug)]
pub struct Reader {
    book: Book,
    tally: Tally,
    /// The place that the line before named for the document after it.
    ahead: Option<Place>,
    document: Option<Document>,
}

/// A JSON document over several lines, so far.
#[derive(Debug)]
struct Document {
    place: Place,
    text: String,
    lines: u64,
    /// How many lines have looked like its end.
    ends: u8,
}

/// What a line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// A part of an invocation.
    Taken,
    /// Known, but no invocation's.
    Beside,
    /// Nothing known.
    Unread,
}

impl Reader {
    /// Keeps no more than `limits`; `function` is what invocations are called whose lines name none.
    pub fn new(limits: Limits, function: &str) -> Self {
        Self {
            book: Book::new(limits, function),
            tally: Tally::default(),
            ahead: None,
            document: None,
        }
    }

    /// Reads a line, with or without its line feed.
    pub fn line(&mut self, line: &str) {
        self.tally.lines += 1;
        let line = prefix::without_colours(line.trim_end());
        let Some(mut document) = self.document.take() else {
            return self.fresh(&line);
        };
        let is_inside = line.starts_with([' ', '\t', '}', ']']) || line.is_empty();
        if !is_inside || document.text.len() > MAX_DOCUMENT {
            self.tally.unread += document.lines;
            return self.fresh(&line);
        }
        document.text.push_str(&line);
        document.text.push('\n');
        document.lines += 1;
        if !line.starts_with(['}', ']']) {
            self.document = Some(document);
            return;
        }
        document.ends += 1;
        match serde_json::from_str::<Value>(&document.text).ok() {
            Some(value) => {
                let read = self.value(&document.place, &value);
                self.count(read, document.lines);
            }
            // Each try reads it all.
            None if document.ends >= MAX_ENDS => self.count(Read::Unread, document.lines),
            None => self.document = Some(document),
        }
    }

    /// What has been read so far. Invocations that are not over yet are left out.
    pub fn stock(&self) -> Stock {
        self.book.stock()
    }

    /// The invocations that are over and were not given before by this, in the order in which they ended.
    pub fn fresh_ones(&mut self) -> Vec<crate::Invocation> {
        self.book.fresh_ones()
    }

    /// What became of the lines.
    pub fn tally(&self) -> Tally {
        let open = self.document.as_ref().map_or(0, |document| document.lines);
        Tally {
            unread: self.tally.unread + open,
            ..self.tally
        }
    }

    /// A line that goes on with nothing.
    fn fresh(&mut self, line: &str) {
        let (place, rest) = prefix::place(line);
        let place = match self.ahead.take() {
            Some(ahead) if place.is_nowhere() => ahead,
            _ => place,
        };
        if rest.is_empty() {
            self.ahead = (!place.is_nowhere()).then_some(place);
            return self.count(Read::Beside, 1);
        }
        if matches!(rest, "{" | "[") || rest.ends_with(": [") && rest.starts_with('{') {
            let text = format!("{rest}\n");
            self.document = Some(Document {
                place,
                text,
                lines: 1,
                ends: 0,
            });
            return;
        }
        let read = self.message(&place, rest);
        self.count(read, 1);
    }

    fn message(&mut self, place: &Place, message: &str) -> Read {
        if message.starts_with(['{', '[']) {
            return match serde_json::from_str::<Value>(message) {
                Ok(value) => self.value(place, &value),
                Err(_) => self.book.plain(place, message),
            };
        }
        let event = platform::event(place, message)
            .or_else(|| text::of_a_function(place, message))
            .or_else(|| text::of_ours(place, message));
        match event {
            Some(event) => self.book.take(event),
            None => self.book.plain(place, message),
        }
    }

    fn value(&mut self, place: &Place, value: &Value) -> Read {
        if let Some(inside) = json::wrapped(place, value) {
            let mut best = Read::Beside;
            for (place, message) in inside {
                for line in message.lines().filter(|line| !line.trim().is_empty()) {
                    let (own, rest) = prefix::place(line);
                    let read = self.message(&place.with(own), rest);
                    if read == Read::Unread {
                        self.tally.unread += 1;
                    } else if read == Read::Taken {
                        best = Read::Taken;
                    }
                }
            }
            return best;
        }
        match json::event(place, value) {
            Some(event) => self.book.take(event),
            None if value.is_object() => Read::Beside,
            None => Read::Unread,
        }
    }

    fn count(&mut self, read: Read, lines: u64) {
        match read {
            Read::Taken => {}
            Read::Beside => self.tally.beside += lines,
            Read::Unread => self.tally.unread += lines,
        }
    }
}

#[cfg(test)]
mod tests;
