//! Numbers over time, for charts: buckets of equal length, those without an invocation included.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Invocation, Numbers};

/// The lengths that a bucket may have, in seconds: such as fit into what a clock shows.
const STEPS: &[i64] = &[1, 5, 10, 30, 60, 300, 900, 1800, 3600, 21_600, 86_400];
/// A chart has about so many.
const MAX_BUCKETS: i64 = 60;

/// The numbers of a short time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bucket {
    /// When it begins.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub at: Timestamp,
    /// The numbers of what began in it.
    #[serde(flatten)]
    pub numbers: Numbers,
}

/// The numbers from `since` to `now`, bucket by bucket, and how long a bucket is, in seconds. An
/// invocation outside of that is left out.
pub fn series(
    invocations: &[Arc<Invocation>],
    since: Timestamp,
    now: Timestamp,
) -> (u64, Vec<Bucket>) {
    let span = now.as_second().saturating_sub(since.as_second()).max(1);
    let fits = |step: &&i64| span.div_euclid(**step) <= MAX_BUCKETS;
    let longest = STEPS.last().copied().unwrap_or(1);
    // Years of a log in one chart: as many buckets as it takes, each of whole days.
    let step = STEPS
        .iter()
        .find(fits)
        .copied()
        .unwrap_or_else(|| longest * (span.div_euclid(longest * MAX_BUCKETS) + 1));
    let first = since.as_second().div_euclid(step);
    let last = now.as_second().div_euclid(step);
    let count = usize::try_from(last.saturating_sub(first).saturating_add(1)).unwrap_or(0);
    let mut buckets: Vec<Vec<&Invocation>> = vec![Vec::new(); count];
    for one in invocations.iter().filter(|one| one.at >= since) {
        let place = one.at.as_second().div_euclid(step) - first;
        let bucket = usize::try_from(place)
            .ok()
            .and_then(|place| buckets.get_mut(place));
        if let Some(bucket) = bucket {
            bucket.push(one);
        }
    }
    let starts = (first..=last).map(|place| place.saturating_mul(step));
    let buckets = starts.zip(buckets).map(|(at, inside)| Bucket {
        at: Timestamp::from_second(at).unwrap_or(since),
        numbers: Numbers::of(inside),
    });
    (u64::try_from(step).unwrap_or(1), buckets.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::tests::call;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn buckets_without_an_invocation_are_there_too() {
        let calls = [
            call("/a", 601, 1.0, 200),
            call("/a", 604, 3.0, 500),
            call("/a", 899, 2.0, 200),
        ];
        let calls = calls.map(Arc::new);
        let (step, buckets) = series(&calls, at(600), at(900));
        assert_eq!((step, buckets.len()), (5, 61));
        let counts: Vec<u64> = buckets
            .iter()
            .map(|bucket| bucket.numbers.invocations)
            .collect();
        assert_eq!(
            (counts[0], counts[59], counts.iter().sum::<u64>()),
            (2, 1, 3)
        );
        assert_eq!((buckets[0].at, buckets[0].numbers.failed), (at(600), 1));
    }

    #[test]
    fn a_chart_has_a_bearable_number_of_buckets_however_long_it_is() {
        for span in [0, 1, 59, 300, 3600, 86_400, 30 * 86_400, 20_000 * 86_400] {
            let (step, buckets) = series(&[], at(1_000_000), at(1_000_000 + span));
            assert!(
                (1..=62).contains(&buckets.len()),
                "{span}: {step} × {}",
                buckets.len()
            );
        }
    }

    #[test]
    fn what_is_outside_is_left_out() {
        let calls = [call("/a", 10, 1.0, 200), call("/a", 2000, 1.0, 200)].map(Arc::new);
        let (_, buckets) = series(&calls, at(100), at(1000));
        assert!(buckets.iter().all(|bucket| bucket.numbers.invocations == 0));
    }
}
