//! Answers that are remembered for a while, by the hash of the whole token. Two bounded tables: strangers
//! who make tokens up can fill that of refusals only, and push nobody out of the other.

use std::collections::{HashMap, VecDeque};

use crate::authentication::Refusal;
use crate::principal::Principal;

/// The SHA-256 of a whole token.
pub(super) type TokenHash = [u8; 32];

/// How long answers are remembered, and how many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) entries: usize,
    /// Of good answers, in seconds; never beyond the token's end.
    pub(super) seconds: i64,
    /// Of refusals, in seconds.
    pub(super) refusal_seconds: i64,
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Remembered<T> {
    limits: Limits,
    good: Table<T>,
    refused: Table<Refusal>,
}

/// What stops being true at some time.
pub(super) trait Ends {
    /// Seconds since 1970-01-01 UTC.
    fn ends(&self) -> i64;
}

impl Ends for Principal {
    fn ends(&self) -> i64 {
        self.expires_at()
    }
}

impl<T: Clone + Ends> Remembered<T> {
    pub(super) fn within(limits: Limits) -> Self {
        Self {
            limits,
            good: Table::empty(),
            refused: Table::empty(),
        }
    }

    /// What is remembered of a token at `now`.
    pub(super) fn find(&self, token: &TokenHash, now: i64) -> Option<Result<T, Refusal>> {
        let good = self.good.find(token, now).map(Ok);
        good.or_else(|| self.refused.find(token, now).map(Err))
    }

    /// Remembers an answer.
    pub(super) fn put(&mut self, token: TokenHash, answer: &Result<T, Refusal>, now: i64) {
        let entries = self.limits.entries;
        match answer {
            Ok(good) => {
                let until = now.saturating_add(self.limits.seconds);
                let until = until.min(good.ends());
                self.refused.forget(&token);
                self.good.put(token, good.clone(), now..until, entries);
            }
            Err(refusal) => {
                let until = now.saturating_add(self.limits.refusal_seconds);
                self.good.forget(&token);
                self.refused.put(token, *refusal, now..until, entries);
            }
        }
    }
}

/// A table that forgets what is oldest when it is full.
#[derive(Debug)]
struct Table<T> {
    entries: HashMap<TokenHash, Entry<T>>,
    /// In the order of their coming; what was replaced or forgotten leaves a number nobody has any more.
    order: VecDeque<(TokenHash, u64)>,
    next: u64,
}

#[derive(Debug)]
struct Entry<T> {
    answer: T,
    valid: std::ops::Range<i64>,
    number: u64,
}

impl<T: Clone> Table<T> {
    fn empty() -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            next: 0,
        }
    }

    fn find(&self, token: &TokenHash, now: i64) -> Option<T> {
        // A clock that was set back makes nothing valid for longer.
        let entry = self.entries.get(token)?;
        entry.valid.contains(&now).then(|| entry.answer.clone())
    }

    fn forget(&mut self, token: &TokenHash) {
        self.entries.remove(token);
    }

    fn put(&mut self, token: TokenHash, answer: T, valid: std::ops::Range<i64>, most: usize) {
        if valid.is_empty() || most == 0 {
            self.forget(&token);
            return;
        }
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let entry = Entry {
            answer,
            valid,
            number,
        };
        self.entries.insert(token, entry);
        self.order.push_back((token, number));
        while self.order.len() > most {
            if let Some((oldest, number)) = self.order.pop_front()
                && self
                    .entries
                    .get(&oldest)
                    .is_some_and(|entry| entry.number == number)
            {
                self.entries.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        entries: 3,
        seconds: 30,
        refusal_seconds: 5,
    };

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Until(i64);

    impl Ends for Until {
        fn ends(&self) -> i64 {
            self.0
        }
    }

    fn remembered() -> Remembered<Until> {
        Remembered::within(LIMITS)
    }

    const GOOD: Result<Until, Refusal> = Ok(Until(2_000));
    const BAD: Result<Until, Refusal> = Err(Refusal::Inactive);

    #[test]
    fn an_answer_is_forgotten_in_time_and_never_outlives_the_token() {
        let mut all = remembered();
        all.put([1; 32], &GOOD, 1_000);
        all.put([2; 32], &Ok(Until(1_010)), 1_000);
        all.put([3; 32], &Ok(Until(1_000)), 1_000);
        assert_eq!(all.find(&[1; 32], 1_029), Some(GOOD));
        assert_eq!(all.find(&[1; 32], 1_030), None);
        assert_eq!(all.find(&[2; 32], 1_009), Some(Ok(Until(1_010))));
        assert_eq!(all.find(&[2; 32], 1_010), None);
        assert_eq!(all.find(&[3; 32], 1_000), None);
        assert_eq!(all.find(&[1; 32], 999), None, "a clock set back");
    }

    #[test]
    fn refusals_are_short_and_can_not_push_good_answers_out() {
        let mut all = remembered();
        all.put([1; 32], &GOOD, 1_000);
        for n in 2..200 {
            all.put([n; 32], &BAD, 1_000);
        }
        assert_eq!(all.find(&[1; 32], 1_004), Some(GOOD));
        assert_eq!(all.find(&[199; 32], 1_004), Some(BAD));
        assert_eq!(all.find(&[199; 32], 1_005), None);
        assert_eq!(all.refused.entries.len(), 3);
        assert_eq!(all.refused.order.len(), 3);
    }

    #[test]
    fn a_full_table_forgets_the_oldest() {
        let mut all = remembered();
        for n in 0..50 {
            all.put([n; 32], &GOOD, 1_000);
            all.put([n; 32], &GOOD, 1_001);
        }
        assert!(all.good.entries.len() <= 3 && all.good.order.len() == 3);
        assert_eq!(all.find(&[49; 32], 1_001), Some(GOOD));
        assert_eq!(all.find(&[40; 32], 1_001), None);
    }

    #[test]
    fn the_last_answer_counts() {
        let mut all = remembered();
        all.put([1; 32], &GOOD, 1_000);
        all.put([1; 32], &BAD, 1_001);
        assert_eq!(all.find(&[1; 32], 1_002), Some(BAD));
        all.put([1; 32], &GOOD, 1_003);
        assert_eq!(all.find(&[1; 32], 1_004), Some(GOOD));
    }
}
