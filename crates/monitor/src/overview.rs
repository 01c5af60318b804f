//! The overview: all numbers, by function and by endpoint, and over time.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::series::{Bucket, series};
use crate::{Filter, Invocation, Numbers, Stock};

/// The numbers of one function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunctionRow {
    /// Its name.
    #[cfg_attr(feature = "openapi", schema(example = "countersign"))]
    pub function: String,
    /// Its numbers.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// The numbers of one endpoint of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndpointRow {
    /// The function's name.
    #[cfg_attr(feature = "openapi", schema(example = "countersign"))]
    pub function: String,
    /// The method; `-` if there was none.
    #[cfg_attr(feature = "openapi", schema(example = "POST"))]
    pub method: String,
    /// The route; `-` if there was none.
    #[cfg_attr(feature = "openapi", schema(example = "/v1/login"))]
    pub route: String,
    /// Its numbers.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// The overview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub now: Timestamp,
    /// From when on it counts.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub since: Timestamp,
    /// Invocations that began before this moment are no longer known, if some had to make room.
    #[cfg_attr(feature = "openapi", schema(required, value_type = Option<String>, format = "date-time"))]
    pub reaches_back_to: Option<Timestamp>,
    /// How many invocations are kept, counted or not.
    pub kept: u64,
    /// How many had to make room.
    pub pushed_out: u64,
    /// All that count.
    pub total: Numbers,
    /// By function, those with the most invocations first.
    pub functions: Vec<FunctionRow>,
    /// By endpoint, those with the most invocations first.
    pub endpoints: Vec<EndpointRow>,
    /// How long a bucket of the series is, in seconds.
    pub bucket_seconds: u64,
    /// Over time.
    pub series: Vec<Bucket>,
}

/// Counts what `filter` means of the stock. Where the filter has no beginning, the first invocation is it.
pub fn overview(stock: Stock, filter: &Filter, now: Timestamp) -> Overview {
    let reaches_back_to = stock.reaches_back_to();
    let (kept, pushed_out) = (stock.invocations.len(), stock.pushed_out);
    let counted = filter.of(stock.invocations);
    let first = counted.iter().map(|one| one.at).min();
    let since = filter.since.or(first).unwrap_or(now).min(now);
    let (bucket_seconds, series) = series(&counted, since, now);
    Overview {
        now,
        since,
        reaches_back_to,
        kept: u64::try_from(kept).unwrap_or(u64::MAX),
        pushed_out,
        total: Numbers::of(counted.iter().map(Arc::as_ref)),
        functions: functions(&counted),
        endpoints: endpoints(&counted),
        bucket_seconds,
        series,
    }
}

fn functions(counted: &[Arc<Invocation>]) -> Vec<FunctionRow> {
    let rows = grouped(counted, |one| one.function.as_str());
    let rows = rows.into_iter().map(|(function, numbers)| FunctionRow {
        function: function.to_owned(),
        numbers,
    });
    rows.collect()
}

fn endpoints(counted: &[Arc<Invocation>]) -> Vec<EndpointRow> {
    let rows = grouped(counted, |one| {
        let method = one.method.as_deref().unwrap_or("-");
        (
            one.function.as_str(),
            one.route.as_deref().unwrap_or("-"),
            method,
        )
    });
    let rows = rows
        .into_iter()
        .map(|((function, route, method), numbers)| EndpointRow {
            function: function.to_owned(),
            method: method.to_owned(),
            route: route.to_owned(),
            numbers,
        });
    rows.collect()
}

/// By a key, the largest groups first, those of one size by their key.
fn grouped<'a, K: Ord>(
    counted: &'a [Arc<Invocation>],
    key: impl Fn(&'a Invocation) -> K,
) -> Vec<(K, Numbers)> {
    let mut groups: BTreeMap<K, Vec<&Invocation>> = BTreeMap::new();
    for one in counted {
        groups.entry(key(one)).or_default().push(one);
    }
    let numbers = groups
        .into_iter()
        .map(|(key, inside)| (key, Numbers::of(inside)));
    let mut rows: Vec<_> = numbers.collect();
    rows.sort_by_key(|(_, numbers)| std::cmp::Reverse(numbers.invocations));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::tests::call;

    fn stock() -> Stock {
        let calls = [
            call("/a", 10, 1.0, 200),
            call("/b", 20, 2.0, 500),
            call("/b", 30, 4.0, 200),
        ];
        Stock {
            invocations: calls.map(Arc::new).to_vec(),
            pushed_out: 7,
        }
    }

    #[test]
    fn it_counts_by_function_and_by_endpoint_the_busiest_first() {
        let now = Timestamp::from_second(40).unwrap();
        let all = overview(stock(), &Filter::default(), now);
        let routes: Vec<_> = all.endpoints.iter().map(|row| row.route.as_str()).collect();
        assert_eq!(routes, ["/b", "/a"]);
        assert_eq!((all.total.invocations, all.total.failed), (3, 1));
        assert_eq!(all.functions[0].numbers, all.total);
        assert_eq!(
            (all.since.as_second(), all.kept, all.pushed_out),
            (10, 3, 7)
        );
        assert_eq!(all.reaches_back_to.unwrap().as_second(), 10);
        let inside: u64 = all
            .series
            .iter()
            .map(|bucket| bucket.numbers.invocations)
            .sum();
        assert_eq!(inside, 3);
    }

    #[test]
    fn a_filter_leaves_out_what_it_does_not_mean() {
        let now = Timestamp::from_second(40).unwrap();
        for (filter, count) in [
            (
                Filter {
                    route: Some("/b".to_owned()),
                    ..Filter::default()
                },
                2,
            ),
            (
                Filter {
                    since: Timestamp::from_second(20).ok(),
                    ..Filter::default()
                },
                2,
            ),
            (
                Filter {
                    outcome: Some(crate::Outcome::Failed),
                    ..Filter::default()
                },
                1,
            ),
            (
                Filter {
                    function: Some("other".to_owned()),
                    ..Filter::default()
                },
                0,
            ),
            (
                Filter {
                    method: Some("GET".to_owned()),
                    cold: Some(false),
                    ..Filter::default()
                },
                3,
            ),
            (
                Filter {
                    cold: Some(true),
                    ..Filter::default()
                },
                0,
            ),
        ] {
            let overview = overview(stock(), &filter, now);
            assert_eq!(overview.total.invocations, count, "{filter:?}");
        }
    }
}
