//! A bounded table of keys and the moments from which each is at rest again (the theoretical arrival
//! time of the generic cell rate algorithm), in milliseconds.
//!
//! Keys are hashed under a random key of the process: 16 bytes an entry whatever the name, and nobody
//! outside can choose two that meet.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_domain::time::Timestamp;

use super::Rate;

/// How many keys a table holds: about 3 MB.
const MOST_KEYS: usize = 100_000;
/// How often a full table is searched for keys at rest.
const SWEEP_EVERY_MILLIS: i64 = 1_000;

pub(super) struct Cells {
    hasher: RandomState,
    table: Mutex<Table>,
}

struct Table {
    entries: HashMap<u64, i64>,
    swept_at: i64,
}

impl Cells {
    pub(super) fn new() -> Self {
        let table = Table {
            entries: HashMap::new(),
            swept_at: i64::MIN,
        };
        Self {
            hasher: RandomState::new(),
            table: Mutex::new(table),
        }
    }

    pub(super) fn key(&self, of: impl Hash) -> u64 {
        self.hasher.hash_one(of)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an attempt, or says how long to wait for the next.
    pub(super) fn count(&self, key: u64, rate: Rate, now: Timestamp) -> Result<(), Duration> {
        let now = now.as_millis();
        let (interval, span) = rate.millis();
        let mut table = self.lock();
        table.make_room(key, now);
        let next = table.entries.entry(key).or_insert(now);
        let arrival = (*next).max(now);
        let wait = arrival + interval - (now + span);
        if wait > 0 {
            return Err(Duration::from_millis(u64::try_from(wait).unwrap_or(0)));
        }
        *next = arrival + interval;
        Ok(())
    }

    /// Takes back one attempt.
    pub(super) fn give_back(&self, key: u64, rate: Rate) {
        let (interval, _) = rate.millis();
        if let Some(next) = self.lock().entries.get_mut(&key) {
            *next -= interval;
        }
    }

    /// Holds a key until a moment.
    pub(super) fn set(&self, key: u64, until: Timestamp, now: Timestamp) {
        let mut table = self.lock();
        table.make_room(key, now.as_millis());
        table.entries.insert(key, until.as_millis());
    }

    /// Whether a key is held.
    pub(super) fn holds(&self, key: u64, now: Timestamp) -> bool {
        self.lock()
            .entries
            .get(&key)
            .is_some_and(|until| *until > now.as_millis())
    }
}

impl Table {
    /// Makes room for `key`: first by dropping what is at rest, then by dropping any one. A flood of
    /// new keys can so push an old one out, by chance, at the price of a table full of attempts.
    fn make_room(&mut self, key: u64, now: i64) {
        if self.entries.len() < MOST_KEYS || self.entries.contains_key(&key) {
            return;
        }
        if now.saturating_sub(self.swept_at) >= SWEEP_EVERY_MILLIS {
            self.entries.retain(|_, next| *next > now);
            self.swept_at = now;
        }
        if self.entries.len() >= MOST_KEYS
            && let Some(any) = self.entries.keys().next().copied()
        {
            self.entries.remove(&any);
        }
    }
}

impl Rate {
    /// The time between two attempts at the steady rate, and the span of a burst.
    fn millis(self) -> (i64, i64) {
        let span = i64::try_from(self.per.as_millis()).unwrap_or(i64::MAX / 4);
        let interval = (span / i64::from(self.attempts.max(1))).max(1);
        (
            interval,
            interval.saturating_mul(i64::from(self.attempts.max(1))),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        attempts: 1,
        per: Duration::from_mins(1),
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn a_flood_of_names_fills_the_table_and_no_more() {
        let cells = Cells::new();
        for n in 0..300_000 {
            let _ = cells.count(n, RATE, at(0));
        }
        assert_eq!(cells.lock().entries.len(), MOST_KEYS);
    }

    #[test]
    fn a_table_that_was_full_throttles_newcomers_as_ever() {
        let cells = Cells::new();
        for n in 0..300_000 {
            let _ = cells.count(n, RATE, at(0));
        }
        for (n, second) in [(1_000_000, 1), (1_000_001, 120)] {
            cells.count(n, RATE, at(second)).unwrap();
            cells.count(n, RATE, at(second)).unwrap_err();
        }
        assert!(
            cells.lock().entries.len() < 10,
            "what is at rest was dropped"
        );
    }
}
