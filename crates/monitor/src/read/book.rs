//! The invocations of a log, found again by their ids while their lines come in. The oldest make room.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::Read;
use super::event::{Event, Field, Kind, Place};
use super::json::is_frame;
use super::platform;
use crate::discreet::MAX_TEXT;
use crate::{Draft, Invocation, Limits, Scalar, Stock};

/// The most log streams that are followed at once.
const MAX_STREAMS: usize = 4096;
/// What a draft takes beside its lines, roughly, in bytes.
const DRAFT: usize = 768;

/// The invocations of a log.
#[derive(Debug)]
pub(super) struct Book {
    limits: Limits,
    function: String,
    pages: VecDeque<Page>,
    /// The number of the first page.
    first: u64,
    by_key: HashMap<String, u64>,
    /// By log stream, the invocations that were begun there and not ended.
    open: HashMap<String, Vec<String>>,
    /// The numbers of pages that were finished since somebody asked.
    finished: Vec<u64>,
    bytes: usize,
    pushed_out: u64,
}

#[derive(Debug)]
struct Page {
    key: String,
    draft: Draft,
    bytes: usize,
    /// The platform said that it is over, or no platform will.
    is_ended: bool,
    is_given: bool,
}

impl Book {
    pub(super) fn new(limits: Limits, function: &str) -> Self {
        Self {
            limits,
            function: function.to_owned(),
            pages: VecDeque::new(),
            first: 0,
            by_key: HashMap::new(),
            open: HashMap::new(),
            finished: Vec::new(),
            bytes: 0,
            pushed_out: 0,
        }
    }

    /// Writes down what a line says.
    pub(super) fn take(&mut self, event: Event) -> Read {
        let Event { place, key, kind } = event;
        let stream = place.stream.clone().unwrap_or_default();
        match &kind {
            Kind::Begun => self.open(&stream, &key),
            Kind::Ended | Kind::Measured(_) => self.close(&stream, &key),
            Kind::Said { .. } => {}
        }
        let number = self.number(&key);
        let Some(page) = self.page(number) else {
            return Read::Unread;
        };
        page.draft.begin(place.at);
        let mut more = 0;
        match kind {
            Kind::Begun => {
                page.draft.note("aws_request_id", Scalar::Text(&key));
            }
            Kind::Ended => {}
            Kind::Measured(measured) => {
                page.draft.note("aws_request_id", Scalar::Text(&key));
                page.draft.measured(&measured);
                page.is_ended = true;
            }
            Kind::Said {
                fields,
                level,
                text,
                is_fatal,
            } => {
                let text = said(&mut page.draft, &fields, text);
                more = text.len().min(MAX_TEXT) + size_of::<crate::Line>();
                page.draft.line(place.at, level.as_deref(), &text);
                if is_fatal {
                    page.draft.failed();
                }
                page.is_ended |= page.draft.is_over() && !page.draft.is_of_lambda();
            }
        }
        page.bytes += more;
        if page.is_ended && page.draft.is_over() && !page.is_given {
            page.is_given = true;
            self.finished.push(number);
        }
        self.bytes += more;
        self.make_room();
        Read::Taken
    }

    /// Text that names no invocation: it is the one's that its stream has open, if that is one.
    pub(super) fn plain(&mut self, place: &Place, text: &str) -> Read {
        if platform::is_beside(text) {
            return Read::Beside;
        }
        let stream = place.stream.as_deref().unwrap_or_default();
        let Some([key]) = self.open.get(stream).map(Vec::as_slice) else {
            return Read::Unread;
        };
        let kind = Kind::Said {
            fields: Vec::new(),
            level: None,
            text: text.to_owned(),
            is_fatal: false,
        };
        let key = key.clone();
        self.take(Event {
            place: place.clone(),
            key,
            kind,
        })
    }

    pub(super) fn stock(&self) -> Stock {
        let over = self
            .pages
            .iter()
            .filter_map(|page| page.draft.clone().finish(&self.function));
        let mut invocations: Vec<_> = over.map(Arc::new).collect();
        // Streams are printed one after the other; a listing is in the order of time.
        invocations.sort_by_key(|one| one.at);
        Stock {
            invocations,
            pushed_out: self.pushed_out,
        }
    }

    pub(super) fn fresh_ones(&mut self) -> Vec<Invocation> {
        let numbers = std::mem::take(&mut self.finished);
        let found = numbers.into_iter().filter_map(|number| {
            let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
            self.pages.get(place)?.draft.clone().finish(&self.function)
        });
        found.collect()
    }

    fn open(&mut self, stream: &str, key: &str) {
        if self.open.len() >= MAX_STREAMS && !self.open.contains_key(stream) {
            self.open.clear();
        }
        let open = self.open.entry(stream.to_owned()).or_default();
        // An environment has one invocation at a time: what it began before has crashed. Without a name,
        // lines of many environments are mixed.
        if !stream.is_empty() || open.len() >= MAX_STREAMS {
            open.clear();
        }
        open.push(key.to_owned());
    }

    fn close(&mut self, stream: &str, key: &str) {
        if let Some(open) = self.open.get_mut(stream) {
            open.retain(|one| one != key);
            if open.is_empty() {
                self.open.remove(stream);
            }
        }
    }

    /// The number of the page of this id, a new one if there is none.
    fn number(&mut self, key: &str) -> u64 {
        if let Some(number) = self.by_key.get(key) {
            return *number;
        }
        let number = self.first + u64::try_from(self.pages.len()).unwrap_or(u64::MAX);
        self.by_key.insert(key.to_owned(), number);
        let bytes = DRAFT + 2 * key.len();
        self.bytes += bytes;
        self.pages.push_back(Page {
            key: key.to_owned(),
            draft: Draft::default(),
            bytes,
            is_ended: false,
            is_given: false,
        });
        number
    }

    fn page(&mut self, number: u64) -> Option<&mut Page> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.pages.get_mut(place)
    }

    fn make_room(&mut self) {
        while self.pages.len() > self.limits.entries || self.bytes > self.limits.bytes {
            let Some(oldest) = self.pages.pop_front() else {
                break;
            };
            self.by_key.remove(&oldest.key);
            self.bytes = self.bytes.saturating_sub(oldest.bytes);
            self.first += 1;
            self.pushed_out += u64::from(oldest.draft.is_over());
        }
        // Nobody may ask for them: those whose pages are gone are forgotten now and then.
        if self.finished.len() > 2 * self.pages.len() + 16 {
            let first = self.first;
            self.finished.retain(|number| *number >= first);
        }
    }
}

/// Takes the fields of a line, and gives its text with those that are no invocation's behind it.
fn said(draft: &mut Draft, fields: &[(String, Field)], text: String) -> String {
    let mut text = text;
    for (name, value) in fields {
        let scalar = match value {
            Field::Text(text) => Scalar::Text(text),
            Field::Number(number) => Scalar::Number(*number),
            Field::Flag(flag) => Scalar::Flag(*flag),
        };
        let is_known = draft.note(name, scalar);
        // What would be cut off is not put together: a line may have very many fields.
        if is_known || is_frame(name) || text.len() > MAX_TEXT {
            continue;
        }
        let value = match value {
            Field::Text(text) => text.clone(),
            Field::Number(number) => number.to_string(),
            Field::Flag(flag) => flag.to_string(),
        };
        let pair = format!("{name}={value}");
        if !text.contains(&pair) {
            text = format!("{text} {pair}");
        }
    }
    text.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asks_for_does_not_pile_up() {
        let limits = Limits {
            entries: 10,
            bytes: 1 << 20,
        };
        let mut reader = super::super::Reader::new(limits, "f");
        for n in 0..1000 {
            reader.line(&format!(
                r#"{{"timestamp":"2026-11-21T06:00:00Z","level":"INFO","message":"answered","id":"req-{n:05}","method":"GET","route":"/","status":200,"took_ms":1.5,"outcome":"ok"}}"#
            ));
        }
        let kept = reader.book.finished.len();
        assert!(kept <= 40, "{kept}");
        assert_eq!(reader.fresh_ones().len(), 10);
    }
}
