//! Pages by key. A cursor names the last row seen and nothing else, so it can't carry a query
//! (CVE-2026-33504); lists never count an offset.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Where a page ended: the id of its last row. Opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(Uuid);

/// The text is not a cursor that a list gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor: pass back one that a page of this list gave you, unchanged")]
pub struct InvalidCursor;

impl Cursor {
    /// The cursor after the row with this id.
    pub fn after(id: &Uuid) -> Self {
        Self(*id)
    }

    /// The id of the row.
    pub fn id(&self) -> &Uuid {
        &self.0
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.as_bytes()))
    }
}

impl std::str::FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let mut bytes = [0; 16];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
            Ok(16) => Ok(Self(Uuid::from_bytes(bytes))),
            _ => Err(InvalidCursor),
        }
    }
}

/// Which way through a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the first row on.
    Forward,
    /// From the last row back. The rows of a page still come in the list's order.
    Backward,
}

/// One page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Which way.
    pub direction: Direction,
    /// The row to go on from, not included; `None` begins at the end that `direction` says.
    pub cursor: Option<Cursor>,
    /// How many rows at most, 1 to [`PageRequest::MAX`].
    limit: u16,
}

impl PageRequest {
    /// The most rows that one page has.
    pub const MAX: u16 = 100;
    /// The rows of a page when nobody says how many.
    pub const DEFAULT: u16 = 20;

    /// The first `limit` rows after `cursor`. The limit is brought into its range.
    pub fn forward(cursor: Option<Cursor>, limit: u16) -> Self {
        Self {
            direction: Direction::Forward,
            cursor,
            limit: limit.clamp(1, Self::MAX),
        }
    }

    /// The last `limit` rows before `cursor`. The limit is brought into its range.
    pub fn backward(cursor: Option<Cursor>, limit: u16) -> Self {
        Self {
            direction: Direction::Backward,
            cursor,
            limit: limit.clamp(1, Self::MAX),
        }
    }

    /// How many rows at most.
    pub fn limit(&self) -> u16 {
        self.limit
    }
}

/// Rows of a list, in the list's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Whether there are more in the direction asked for.
    pub more: bool,
}

impl<T> Page<T> {
    /// Makes a page out of up to `limit + 1` rows read in the request's direction: the surplus row
    /// tells that there are more, and rows read backwards are turned round.
    pub fn from_rows(mut rows: Vec<T>, request: &PageRequest) -> Self {
        let limit = usize::from(request.limit);
        let more = rows.len() > limit;
        rows.truncate(limit);
        if request.direction == Direction::Backward {
            rows.reverse();
        }
        Self { items: rows, more }
    }

    /// The same page of something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            more: self.more,
        }
    }
}

/// The least text that comes after every text beginning with `prefix`, in the order of code points,
/// which is that of UTF-8; so a range of an index holds what begins with it, and no character is a
/// wildcard. `None` if there is none.
pub fn after_all_with(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // A range of characters steps over the surrogates by itself.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_nothing_else_is_one() {
        let cursor = Cursor::after(&Uuid::from_bytes([9; 16]));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in [
            "",
            "abc",
            "' OR 1=1 --",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "{\"$gt\":\"\"}",
        ] {
            assert_eq!(bad.parse::<Cursor>(), Err(InvalidCursor), "{bad}");
        }
    }

    #[test]
    fn the_surplus_row_tells_that_there_are_more() {
        let forward = PageRequest::forward(None, 2);
        assert_eq!(
            Page::from_rows(vec![1, 2, 3], &forward),
            Page {
                items: vec![1, 2],
                more: true
            }
        );
        let backward = PageRequest::backward(None, 2);
        assert_eq!(
            Page::from_rows(vec![9, 8], &backward),
            Page {
                items: vec![8, 9],
                more: false
            }
        );
        assert_eq!(PageRequest::forward(None, 0).limit(), 1);
        assert_eq!(PageRequest::forward(None, 5000).limit(), PageRequest::MAX);
    }

    #[test]
    fn the_end_of_a_prefix_comes_right_after_all_that_begin_with_it() {
        for (prefix, end) in [
            ("a", Some("b")),
            ("50%", Some("50&")),
            ("a\u{10ffff}", Some("b")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("\u{10ffff}", None),
        ] {
            assert_eq!(after_all_with(prefix).as_deref(), end, "{prefix:?}");
        }
    }
}
