//! Pages by cursor: the parameters, the cursors of the pages beside, and the `Link` header
//! (RFC 8288).

use countersign_domain::page::{Cursor, Direction, Page, PageRequest};
use http::HeaderValue;
use serde_json::{Value, json};
use utoipa::openapi::schema::Object;

use crate::input::{Fields, Input, Limit, Query, Refused};
use crate::kernel::base_path;

/// A cursor, or nothing for the end of the list.
struct Before(Option<Cursor>);

impl Input for Before {
    fn read(value: &Value) -> Result<Self, Refused> {
        if value == "" {
            Ok(Self(None))
        } else {
            Cursor::read(value).map(|one| Self(Some(one)))
        }
    }

    fn schema() -> Object {
        Cursor::schema()
    }

    fn example() -> Value {
        json!("")
    }
}

/// Takes the parameters of a page.
pub(super) fn request(query: &mut Fields) -> Option<PageRequest> {
    let limit = query.optional::<Limit>("limit", "How many rows at most.");
    let limit = limit.map_or(PageRequest::DEFAULT, |limit| limit.0);
    let after = query.optional::<Cursor>("after", "The `next_cursor` of the page before.");
    let before = query.optional::<Before>(
        "before",
        "The `prev_cursor` of the page after; empty for the last page. Not with `after`.",
    );
    match (after, before) {
        (Some(_), Some(_)) => {
            query.conflict("before", "can't be combined with after");
            None
        }
        (after, None) => Some(PageRequest::forward(after, limit)),
        (None, Some(Before(before))) => Some(PageRequest::backward(before, limit)),
    }
}

/// The cursors of the pages beside this one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Beside {
    pub(super) next: Option<String>,
    pub(super) prev: Option<String>,
}

/// Where to go on from `page`: in the direction asked for if there are more, and back to where the
/// request came from.
pub(super) fn beside<T>(
    page: &Page<T>,
    request: &PageRequest,
    cursor: impl Fn(&T) -> Cursor,
) -> Beside {
    let has_origin = request.cursor.is_some();
    let (has_next, has_prev) = match request.direction {
        Direction::Forward => (page.more, has_origin),
        Direction::Backward => (has_origin, page.more),
    };
    let edge =
        |row: Option<&T>, exists: bool| row.filter(|_| exists).map(|row| cursor(row).to_string());
    Beside {
        next: edge(page.items.last(), has_next),
        prev: edge(page.items.first(), has_prev),
    }
}

/// The `Link` header; `None` if there is nothing beside.
pub(super) fn link(path: &str, query: &Query, beside: &Beside) -> Option<HeaderValue> {
    let one = |cursor: &Option<String>, name, rel| {
        let cursor = cursor.as_ref()?;
        let path = base_path::link(path);
        let query = query.with(&["after", "before"], name, cursor);
        Some(format!("<{path}?{query}>; rel=\"{rel}\""))
    };
    let links = [
        one(&beside.next, "after", "next"),
        one(&beside.prev, "before", "prev"),
    ];
    let links: Vec<String> = links.into_iter().flatten().collect();
    if links.is_empty() {
        None
    } else {
        HeaderValue::try_from(links.join(", ")).ok()
    }
}
