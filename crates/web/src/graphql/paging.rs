//! Connections, as in Relay's cursor connections specification: pages by key, both ways.

use async_graphql::SimpleObject;
use countersign_domain::page::{Cursor, Direction, Page, PageRequest};
use uuid::Uuid;

use super::errors::{Fault, Result};

/// Where a page stands in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there is more after this page.
    pub has_next_page: bool,
    /// Whether there is more before this page.
    pub has_previous_page: bool,
    /// The cursor of the page's first item.
    pub start_cursor: Option<String>,
    /// The cursor of the page's last item.
    pub end_cursor: Option<String>,
}

/// The arguments that say which page.
pub(super) struct PageArguments {
    pub(super) first: Option<i32>,
    pub(super) after: Option<String>,
    pub(super) last: Option<i32>,
    pub(super) before: Option<String>,
}

impl PageArguments {
    /// The page asked for. A list goes forwards with `first` and `after` or backwards with `last`
    /// and `before`; a mixture has no meaning here and is refused.
    pub(super) fn request(&self) -> Result<PageRequest> {
        let backwards = self.last.is_some() || self.before.is_some();
        if backwards && (self.first.is_some() || self.after.is_some()) {
            let pointer = if self.first.is_some() {
                "/first"
            } else {
                "/after"
            };
            let why = "page with `first` and `after`, or with `last` and `before`, not with both";
            return Err(Fault::input(pointer, why));
        }
        if backwards {
            let limit = limit(self.last, "/last")?;
            Ok(PageRequest::backward(
                cursor(self.before.as_deref(), "/before")?,
                limit,
            ))
        } else {
            let limit = limit(self.first, "/first")?;
            Ok(PageRequest::forward(
                cursor(self.after.as_deref(), "/after")?,
                limit,
            ))
        }
    }
}

fn limit(asked: Option<i32>, pointer: &str) -> Result<u16> {
    match asked {
        None => Ok(PageRequest::DEFAULT),
        Some(asked) => u16::try_from(asked)
            .ok()
            .filter(|limit| (1..=PageRequest::MAX).contains(limit))
            .ok_or_else(|| {
                Fault::input(
                    pointer,
                    format!("a page has 1 to {} items", PageRequest::MAX),
                )
            }),
    }
}

fn cursor(text: Option<&str>, pointer: &str) -> Result<Option<Cursor>> {
    super::input::optional(text, pointer)
}

/// Each item of a page with its cursor, and where the page stands.
pub(super) fn lay_out<T>(
    page: Page<T>,
    request: &PageRequest,
    id: impl Fn(&T) -> Uuid,
) -> (Vec<(String, T)>, PageInfo) {
    let items: Vec<(String, T)> = page
        .items
        .into_iter()
        .map(|item| (Cursor::after(&id(&item)).to_string(), item))
        .collect();
    let came_from_somewhere = request.cursor.is_some();
    let (has_next_page, has_previous_page) = match request.direction {
        Direction::Forward => (page.more, came_from_somewhere),
        Direction::Backward => (came_from_somewhere, page.more),
    };
    let info = PageInfo {
        has_next_page,
        has_previous_page,
        start_cursor: items.first().map(|(cursor, _)| cursor.clone()),
        end_cursor: items.last().map(|(cursor, _)| cursor.clone()),
    };
    (items, info)
}

/// A connection type and its edge type.
macro_rules! connection {
    ($connection:ident, $edge:ident, $node:ty, $many:literal, $one:literal) => {
        #[doc = concat!("A page of ", $many, ".")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $connection {
            /// The items of the page, each with its cursor.
            pub edges: Vec<$edge>,
            /// Where the page stands in the list.
            pub page_info: $crate::graphql::paging::PageInfo,
        }

        #[doc = concat!("One of the ", $many, " of a page.")]
        #[derive(async_graphql::SimpleObject)]
        pub struct $edge {
            /// Marks the place in the list, for `after` and `before`.
            pub cursor: String,
            #[doc = concat!("The ", $one, ".")]
            pub node: $node,
        }
    };
}
pub(super) use connection;
