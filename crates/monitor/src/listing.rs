//! Invocations one by one: the latest of a kind, and one by its id.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Connection, Filter, Invocation, Outcome, Stock};

/// An invocation in a list: without its lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// When it began.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub at: Timestamp,
    /// By which id its page is asked for.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub id: Option<String>,
    /// Which function.
    pub function: String,
    /// The method.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub method: Option<String>,
    /// The route.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub route: Option<String>,
    /// The answer's status.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
    /// Whether it was the first of its process.
    pub cold: bool,
    /// Whether it connected to the database.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub database_connection: Option<Connection>,
    /// How many lines it wrote.
    pub lines: usize,
}

/// The latest invocations of a kind, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listing {
    /// The invocations.
    pub invocations: Vec<Entry>,
    /// How many of the kind there are, listed or not.
    pub matching: u64,
}

/// The latest that `filter` means, no more than `limit`.
pub fn listing(stock: Stock, filter: &Filter, limit: usize) -> Listing {
    let found = filter.of(stock.invocations);
    let matching = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let latest = found.iter().rev().take(limit);
    Listing {
        invocations: latest.map(|one| Entry::from(one.as_ref())).collect(),
        matching,
    }
}

/// The one with this id: the request's own, or AWS's.
pub fn find(stock: &Stock, id: &str) -> Option<Arc<Invocation>> {
    let is_it = |one: &&Arc<Invocation>| {
        one.id.as_deref() == Some(id) || one.aws_request_id.as_deref() == Some(id)
    };
    stock.invocations.iter().rev().find(is_it).cloned()
}

impl From<&Invocation> for Entry {
    fn from(one: &Invocation) -> Self {
        Self {
            at: one.at,
            id: one.name().map(str::to_owned),
            function: one.function.clone(),
            method: one.method.clone(),
            route: one.route.clone(),
            status: one.status,
            outcome: one.outcome,
            took_ms: one.took_ms,
            cold: one.cold,
            database_connection: one.database_connection,
            lines: one.lines.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::tests::call;

    #[test]
    fn the_newest_come_first_and_one_is_found_by_either_id() {
        let mut calls: Vec<_> = (0..9).map(|second| call("/a", second, 1.0, 200)).collect();
        calls[3].aws_request_id = Some("aws-3".to_owned());
        let invocations = calls.into_iter().map(Arc::new).collect();
        let stock = Stock {
            invocations,
            pushed_out: 0,
        };
        let list = listing(stock.clone(), &Filter::default(), 2);
        let seconds: Vec<_> = list
            .invocations
            .iter()
            .map(|one| one.at.as_second())
            .collect();
        assert_eq!((seconds, list.matching), (vec![8, 7], 9));
        for id in ["/a@3", "aws-3"] {
            assert_eq!(find(&stock, id).unwrap().at.as_second(), 3);
        }
        assert!(find(&stock, "/a@99").is_none());
    }
}
