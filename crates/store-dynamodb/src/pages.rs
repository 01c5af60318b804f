//! Lists in the order of ids, merged from the partitions that they are spread over. A page is read
//! by key from each of them at once.

use countersign_app::ports::store::StoreResult;
use countersign_domain::page::{Direction, PageRequest};
use uuid::Uuid;

use crate::layout::{Item, Key};
use crate::requests::Range;
use crate::service::Service;
use crate::together::together;
use crate::transaction::Values;

/// How many partitions are read at once.
const AT_ONCE: usize = 12;

/// A span of ids in some partitions, in one direction.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    partitions: Vec<String>,
    backward: bool,
    least: u128,
    greatest: u128,
    filter: String,
    values: Values,
}

impl Span {
    /// What a page is taken from: everything behind its cursor.
    pub fn new(partitions: Vec<String>, request: &PageRequest) -> Self {
        let mut span = Self::all(partitions);
        span.backward = request.direction == Direction::Backward;
        if let Some(cursor) = &request.cursor {
            span.go_behind(*cursor.id());
        }
        span
    }

    /// Everything, from the least id on.
    pub fn all(partitions: Vec<String>) -> Self {
        Self {
            partitions,
            backward: false,
            least: 0,
            greatest: u128::MAX,
            filter: String::new(),
            values: Values::new(),
        }
    }

    /// Goes on behind an id.
    pub fn go_behind(&mut self, id: Uuid) {
        let id = id.as_u128();
        // Behind the last there is nothing: a span whose ends have changed places.
        let (least, greatest) = if self.backward {
            (self.least, id.checked_sub(1))
        } else {
            (id.saturating_add(1), Some(self.greatest))
        };
        let is_empty = greatest.is_none() || (!self.backward && id == u128::MAX);
        self.least = if is_empty { 1 } else { least };
        self.greatest = if is_empty { 0 } else { greatest.unwrap_or(0) };
    }

    pub fn not_before(&mut self, id: Uuid) {
        self.least = self.least.max(id.as_u128());
    }

    pub fn not_after(&mut self, id: Uuid) {
        self.greatest = self.greatest.min(id.as_u128());
    }

    pub fn filter(&mut self, filter: String, values: Values) {
        self.filter = filter;
        self.values = values;
    }

    fn range(&self, partition: &str, limit: usize) -> Range {
        Range {
            partition: partition.to_owned(),
            backward: self.backward,
            from: Some(Uuid::from_u128(self.least).to_string()),
            to: Some(Uuid::from_u128(self.greatest).to_string()),
            filter: self.filter.clone(),
            filter_values: self.values.clone(),
            limit: Some(limit),
            ..Range::default()
        }
    }
}

impl Service {
    /// The next `count` items of a span with their ids, in its direction.
    pub async fn next_of(&self, span: &Span, count: usize) -> StoreResult<Vec<(Uuid, Item)>> {
        if span.least > span.greatest {
            return Ok(Vec::new());
        }
        let ranges: Vec<Range> = span
            .partitions
            .iter()
            .map(|p| span.range(p, count))
            .collect();
        let parts = together(
            ranges.iter().map(|range| self.range(range)).collect(),
            AT_ONCE,
        );
        let parts: Vec<Vec<Item>> = parts.await?;
        let mut all: Vec<(Uuid, Item)> = parts
            .into_iter()
            .flatten()
            .filter_map(|item| Some((Key::of(&item)?.id()?, item)))
            .collect();
        all.sort_by(|(a, _), (b, _)| if span.backward { b.cmp(a) } else { a.cmp(b) });
        all.truncate(count);
        Ok(all)
    }
}
