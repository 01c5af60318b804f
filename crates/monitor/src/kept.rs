//! The latest invocations, in memory with a bound on their number and on their bytes. The oldest make
//! room.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::Invocation;

/// How much is kept at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many invocations.
    pub entries: usize,
    /// How many bytes, roughly.
    pub bytes: usize,
}

/// The latest invocations. Writers wait for no reader but for the time of copying pointers.
#[derive(Debug)]
pub struct Kept {
    limits: Limits,
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<Arc<Invocation>>,
    bytes: usize,
    pushed_out: u64,
}

/// What is kept at one moment, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// The invocations in the order in which they ended.
    pub invocations: Vec<Arc<Invocation>>,
    /// How many had to make room so far.
    pub pushed_out: u64,
}

impl Kept {
    /// An empty one.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ring: Mutex::default(),
        }
    }

    /// Keeps one more.
    pub fn push(&self, invocation: Invocation) {
        let weight = weight(&invocation);
        let invocation = Arc::new(invocation);
        let mut ring = self.ring();
        ring.entries.push_back(invocation);
        ring.bytes = ring.bytes.saturating_add(weight);
        while ring.entries.len() > self.limits.entries || ring.bytes > self.limits.bytes {
            let Some(oldest) = ring.entries.pop_front() else {
                break;
            };
            ring.bytes = ring.bytes.saturating_sub(self::weight(&oldest));
            ring.pushed_out += 1;
        }
    }

    /// All that is kept now.
    pub fn stock(&self) -> Stock {
        let ring = self.ring();
        Stock {
            invocations: ring.entries.iter().cloned().collect(),
            pushed_out: ring.pushed_out,
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // A thread that panicked here left at worst a wrong count of bytes.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stock {
    /// The moment from which on nothing is missing: `None` if nothing had to make room.
    pub fn reaches_back_to(&self) -> Option<Timestamp> {
        let oldest = self.invocations.first()?;
        (self.pushed_out > 0).then_some(oldest.at)
    }

    /// When the last invocation began.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.invocations.iter().map(|one| one.at).max()
    }
}

/// With what the ring itself and the counters beside the entry take.
fn weight(one: &Invocation) -> usize {
    one.weight() + 3 * size_of::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::tests::call;

    #[test]
    fn the_oldest_make_room_by_number_and_by_size() {
        let kept = Kept::new(Limits {
            entries: 3,
            bytes: usize::MAX,
        });
        for second in 0..5 {
            kept.push(call("/a", second, 1.0, 200));
        }
        let stock = kept.stock();
        let seconds: Vec<i64> = stock
            .invocations
            .iter()
            .map(|one| one.at.as_second())
            .collect();
        assert_eq!((seconds, stock.pushed_out), (vec![2, 3, 4], 2));
        assert_eq!(stock.reaches_back_to().unwrap().as_second(), 2);

        let one = weight(&call("/a", 9_998, 1.0, 200));
        let kept = Kept::new(Limits {
            entries: 1000,
            bytes: 10 * one,
        });
        for second in 0..9_999 {
            kept.push(call("/a", second, 1.0, 200));
        }
        assert_eq!(kept.stock().invocations.len(), 10);
        assert!(kept.ring().bytes <= 10 * one);
    }

    #[test]
    fn one_that_is_larger_than_the_bound_is_not_kept() {
        let kept = Kept::new(Limits {
            entries: 10,
            bytes: 10,
        });
        kept.push(call("/a", 0, 1.0, 200));
        let stock = kept.stock();
        assert_eq!((stock.invocations.len(), stock.pushed_out), (0, 1));
        assert_eq!(kept.ring().bytes, 0);
    }
}
