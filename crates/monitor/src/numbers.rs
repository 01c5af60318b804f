//! The numbers of some invocations. Percentiles are exact, by the nearest rank: each is the time of an
//! invocation that there was.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Connection, Invocation};

/// The numbers of some invocations. Times are in milliseconds, and missing where there was none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Numbers {
    /// How many there were.
    pub invocations: u64,
    /// How many failed (5xx, crashed, out of time).
    pub failed: u64,
    /// How many were refused (4xx).
    pub refused: u64,
    /// How many were the first of their process.
    pub cold_starts: u64,
    /// How many connected to the database.
    pub new_connections: u64,
    /// How many found it connected.
    pub existing_connections: u64,
    /// Half took this long or less.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub p50_ms: Option<f64>,
    /// 95 of 100 took this long or less.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub p95_ms: Option<f64>,
    /// 99 of 100 took this long or less.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub p99_ms: Option<f64>,
    /// The longest.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub max_ms: Option<f64>,
    /// Half of the cold starts took this long or less to start.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub init_p50_ms: Option<f64>,
    /// The most memory of a process, in MiB.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub memory_mb: Option<f64>,
    /// When the last one began.
    #[cfg_attr(feature = "openapi", schema(required, value_type = Option<String>, format = "date-time"))]
    pub last_at: Option<Timestamp>,
}

impl Numbers {
    /// Of these.
    pub fn of<'a>(invocations: impl IntoIterator<Item = &'a Invocation>) -> Self {
        let mut numbers = Self::default();
        let (mut took, mut inits) = (Vec::new(), Vec::new());
        for one in invocations {
            numbers.invocations += 1;
            numbers.failed += u64::from(one.outcome.is_failed());
            numbers.refused += u64::from(one.outcome.is_refused());
            numbers.cold_starts += u64::from(one.cold);
            match one.database_connection {
                Some(Connection::New) => numbers.new_connections += 1,
                Some(Connection::Existing) => numbers.existing_connections += 1,
                None => {}
            }
            numbers.last_at = numbers.last_at.max(Some(one.at));
            if let Some(memory) = one.memory_mb {
                numbers.memory_mb = Some(numbers.memory_mb.map_or(memory, |most| most.max(memory)));
            }
            took.push(one.took_ms);
            inits.extend(one.init_ms);
        }
        took.sort_unstable_by(f64::total_cmp);
        inits.sort_unstable_by(f64::total_cmp);
        numbers.p50_ms = percentile(&took, 50);
        numbers.p95_ms = percentile(&took, 95);
        numbers.p99_ms = percentile(&took, 99);
        numbers.max_ms = took.last().copied();
        numbers.init_p50_ms = percentile(&inits, 50);
        numbers
    }
}

/// The nearest rank: the least value that `percent` of them do not exceed.
fn percentile(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Outcome;

    /// An invocation of `GET route`, so many seconds after 1970.
    pub(crate) fn call(route: &str, second: i64, took_ms: f64, status: u16) -> Invocation {
        Invocation {
            at: Timestamp::from_second(second).unwrap(),
            function: "countersign".to_owned(),
            id: Some(format!("{route}@{second}")),
            aws_request_id: None,
            method: Some("GET".to_owned()),
            route: Some(route.to_owned()),
            status: Some(status),
            outcome: Outcome::of_status(status),
            took_ms,
            cold: false,
            init_ms: None,
            memory_mb: None,
            database_connection: None,
            lines: Vec::new(),
        }
    }

    #[test]
    fn percentiles_are_times_that_there_were() {
        let calls: Vec<_> = (1_u16..=100)
            .rev()
            .map(|n| call("/a", 0, f64::from(n), 200))
            .collect();
        let numbers = Numbers::of(&calls);
        assert_eq!(numbers.p50_ms, Some(50.0));
        assert_eq!(numbers.p95_ms, Some(95.0));
        assert_eq!(numbers.p99_ms, Some(99.0));
        assert_eq!(numbers.max_ms, Some(100.0));
        for (times, expected) in [
            (&[][..], [None, None, None]),
            (&[7.0], [Some(7.0); 3]),
            (&[3.0, 1.0, 2.0], [Some(2.0), Some(3.0), Some(3.0)]),
        ] {
            let calls: Vec<_> = times.iter().map(|took| call("/a", 0, *took, 200)).collect();
            let numbers = Numbers::of(&calls);
            assert_eq!([numbers.p50_ms, numbers.p95_ms, numbers.p99_ms], expected);
        }
    }

    #[test]
    fn each_is_counted_as_what_it_was() {
        let mut cold = call("/a", 5, 900.0, 200);
        (cold.cold, cold.init_ms, cold.memory_mb) = (true, Some(9.5), Some(18.0));
        cold.database_connection = Some(Connection::New);
        let mut warm = call("/a", 6, 1.0, 503);
        (warm.memory_mb, warm.database_connection) = (Some(17.0), Some(Connection::Existing));
        let numbers = Numbers::of(&[cold, warm, call("/a", 4, 2.0, 404)]);
        let counts = (
            numbers.invocations,
            numbers.failed,
            numbers.refused,
            numbers.cold_starts,
        );
        assert_eq!(counts, (3, 1, 1, 1));
        assert_eq!(
            (numbers.new_connections, numbers.existing_connections),
            (1, 1)
        );
        assert_eq!(
            (numbers.init_p50_ms, numbers.memory_mb),
            (Some(9.5), Some(18.0))
        );
        assert_eq!(numbers.last_at.unwrap().as_second(), 6);
    }
}
