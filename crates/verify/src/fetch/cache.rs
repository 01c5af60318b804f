//! When to fetch: a pure decision over what is held, what was tried and what time it is. Waiting and
//! fetching are its caller's.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};

use countersign_token::Keys;

use super::lifetime;

/// How long keys serve beyond their lifetime while fetching fails, in seconds.
const STALE_FOR: i64 = 24 * 3_600;
/// Least time between two fetches for the sake of an unknown key, in seconds.
const UNKNOWN_KEY_INTERVAL: i64 = 30;
/// Most fetches in a minute, where nothing else is said.
const PER_MINUTE: usize = 10;
/// Doublings of the pause of one second after a failed fetch.
const MOST_DOUBLINGS: u32 = 6;

/// What is known of the issuer's keys.
pub(super) struct Cache {
    held: Option<Held>,
    /// When a fetch last ended.
    tried_at: Option<i64>,
    /// How many fetches have failed since one succeeded.
    failures: u32,
    /// When the last fetches began; no more of them than the limit.
    began: VecDeque<i64>,
    per_minute: usize,
}

struct Held {
    keys: Arc<Keys>,
    origin: Origin,
}

enum Origin {
    /// Shipped with the program; fresh as if fetched when it was first used.
    Bundle {
        used_at: OnceLock<i64>,
    },
    Fetch {
        at: i64,
        lifetime: i64,
    },
}

/// What a caller in want of a key has to do.
pub(super) enum Need {
    /// Look in these.
    Nothing(Arc<Keys>),
    /// Fetch; if keys come along they serve whoever need not wait.
    Refresh { meanwhile: Option<Arc<Keys>> },
    /// Give up for now: the issuer does not answer, and it was asked a moment ago.
    Unavailable,
}

impl Cache {
    pub(super) fn empty() -> Self {
        Self {
            held: None,
            tried_at: None,
            failures: 0,
            began: VecDeque::new(),
            per_minute: PER_MINUTE,
        }
    }

    pub(super) fn limit(&mut self, per_minute: NonZeroU32) {
        self.per_minute = usize::try_from(per_minute.get()).unwrap_or(usize::MAX);
    }

    pub(super) fn bundle(&mut self, keys: Arc<Keys>) {
        self.held = Some(Held {
            keys,
            origin: Origin::Bundle {
                used_at: OnceLock::new(),
            },
        });
    }

    pub(super) fn began(&mut self, now: i64) {
        while self.began.len() >= self.per_minute {
            self.began.pop_front();
        }
        self.began.push_back(now);
    }

    pub(super) fn succeeded(&mut self, keys: Arc<Keys>, lifetime: i64, now: i64) {
        self.held = Some(Held {
            keys,
            origin: Origin::Fetch { at: now, lifetime },
        });
        self.tried_at = Some(now);
        self.failures = 0;
    }

    pub(super) fn failed(&mut self, now: i64) {
        self.tried_at = Some(now);
        self.failures = self.failures.saturating_add(1);
    }

    pub(super) fn need(&self, kid: Option<&str>, now: i64) -> Need {
        let Some(held) = self.held.as_ref().filter(|held| held.serves(now)) else {
            return if self.may_try(0, now) {
                Need::Refresh { meanwhile: None }
            } else {
                Need::Unavailable
            };
        };
        let keys = Arc::clone(&held.keys);
        let known = kid.is_none_or(|kid| held.keys.contains(kid));
        match (known, held.is_fresh(now)) {
            (true, false) if self.may_try(0, now) => Need::Refresh {
                meanwhile: Some(keys),
            },
            (true, _) => Need::Nothing(keys),
            (false, fresh) => {
                let interval = if fresh { UNKNOWN_KEY_INTERVAL } else { 0 };
                if self.may_try(interval, now) {
                    Need::Refresh { meanwhile: None }
                } else if self.failures > 0 {
                    Need::Unavailable
                } else {
                    Need::Nothing(keys)
                }
            }
        }
    }

    /// Whether the last attempt is long enough ago: by `interval`, and by the pause after failures; and
    /// whether the minute has room for another.
    fn may_try(&self, interval: i64, now: i64) -> bool {
        let pause = match self.failures {
            0 => 0,
            failures => 1_i64 << (failures - 1).min(MOST_DOUBLINGS),
        };
        let in_minute = |at: &&i64| (0..60).contains(&now.saturating_sub(**at));
        if self.began.iter().filter(in_minute).count() >= self.per_minute {
            return false;
        }
        // A clock that was set back makes no attempt wait for the past to return.
        self.tried_at
            .is_none_or(|at| now < at || now.saturating_sub(at) >= interval.max(pause))
    }
}

impl Held {
    fn is_fresh(&self, now: i64) -> bool {
        let (at, lifetime) = match &self.origin {
            Origin::Bundle { used_at } => (*used_at.get_or_init(|| now), lifetime::DEFAULT),
            Origin::Fetch { at, lifetime } => (*at, *lifetime),
        };
        (0..lifetime).contains(&now.saturating_sub(at))
    }

    fn serves(&self, now: i64) -> bool {
        match &self.origin {
            Origin::Bundle { .. } => true,
            Origin::Fetch { at, lifetime } => now.saturating_sub(*at) < lifetime + STALE_FOR,
        }
    }
}

#[cfg(test)]
mod tests {
    use countersign_token::{Algorithm, PrivateKey};

    use super::*;

    fn keys() -> (Arc<Keys>, String) {
        let key = PrivateKey::generate(Algorithm::EdDsa).unwrap();
        (
            Arc::new(Keys::from_private_key(&key).unwrap()),
            key.key_id().to_string(),
        )
    }

    fn said(need: &Need) -> &'static str {
        match need {
            Need::Nothing(_) => "use",
            Need::Refresh { meanwhile: None } => "wait for a fetch",
            Need::Refresh { meanwhile: Some(_) } => "fetch, or use meanwhile",
            Need::Unavailable => "give up",
        }
    }

    #[test]
    fn an_empty_cache_fetches_and_pauses_longer_after_every_failure() {
        let mut cache = Cache::empty();
        let mut now = 1_000;
        for pause in [1, 2, 4, 8, 16, 32, 64, 64, 64] {
            assert_eq!(said(&cache.need(Some("a"), now)), "wait for a fetch");
            cache.failed(now);
            assert_eq!(
                said(&cache.need(Some("a"), now + pause - 1)),
                "give up",
                "{pause}"
            );
            now += pause;
        }
        assert_eq!(said(&cache.need(Some("a"), now)), "wait for a fetch");
    }

    #[test]
    fn fetched_keys_are_fresh_then_stale_then_gone() {
        let (keys, kid) = keys();
        let mut cache = Cache::empty();
        cache.succeeded(keys, 600, 1_000);
        assert_eq!(said(&cache.need(Some(&kid), 1_599)), "use");
        assert_eq!(
            said(&cache.need(Some(&kid), 1_600)),
            "fetch, or use meanwhile"
        );
        cache.failed(1_600);
        assert_eq!(said(&cache.need(Some(&kid), 1_600)), "use");
        assert_eq!(
            said(&cache.need(Some(&kid), 1_601)),
            "fetch, or use meanwhile"
        );
        assert_eq!(
            said(&cache.need(Some(&kid), 1_599 + STALE_FOR)),
            "fetch, or use meanwhile"
        );
        assert_eq!(
            said(&cache.need(Some(&kid), 1_600 + STALE_FOR)),
            "wait for a fetch"
        );
        cache.failed(1_600 + STALE_FOR);
        assert_eq!(said(&cache.need(Some(&kid), 1_600 + STALE_FOR)), "give up");
    }

    #[test]
    fn an_unknown_key_causes_a_fetch_at_most_every_thirty_seconds() {
        let (keys, _) = keys();
        let mut cache = Cache::empty();
        cache.succeeded(keys, 600, 1_000);
        assert_eq!(said(&cache.need(Some("x"), 1_029)), "use");
        assert_eq!(said(&cache.need(Some("x"), 1_030)), "wait for a fetch");
        cache.failed(1_030);
        assert_eq!(said(&cache.need(Some("x"), 1_059)), "give up");
        assert_eq!(said(&cache.need(Some("x"), 1_060)), "wait for a fetch");
    }

    #[test]
    fn a_minute_has_room_for_so_many_fetches_and_no_more() {
        let (keys, kid) = keys();
        let mut cache = Cache::empty();
        cache.limit(NonZeroU32::new(2).unwrap());
        for now in [1_000, 1_030] {
            assert_eq!(said(&cache.need(Some("x"), now)), "wait for a fetch");
            cache.began(now);
            cache.succeeded(Arc::clone(&keys), 60, now);
        }
        // Unknown keys, and known ones that are stale, wait for the minute's end.
        assert_eq!(said(&cache.need(Some("x"), 1_059)), "use");
        assert_eq!(said(&cache.need(Some("x"), 1_060)), "wait for a fetch");
        cache.began(1_060);
        assert_eq!(said(&cache.need(Some(&kid), 1_089)), "use");
        assert_eq!(
            said(&cache.need(Some(&kid), 1_090)),
            "fetch, or use meanwhile"
        );
    }

    #[test]
    fn fetches_that_never_ended_count_too() {
        let mut cache = Cache::empty();
        for _ in 0..PER_MINUTE {
            assert_eq!(said(&cache.need(Some("x"), 1_000)), "wait for a fetch");
            cache.began(1_000);
        }
        assert_eq!(said(&cache.need(Some("x"), 1_059)), "give up");
        assert_eq!(said(&cache.need(Some("x"), 1_060)), "wait for a fetch");
    }

    #[test]
    fn a_bundled_set_is_fresh_from_its_first_use_and_never_gone() {
        let (keys, kid) = keys();
        let mut cache = Cache::empty();
        cache.bundle(keys);
        assert_eq!(said(&cache.need(Some(&kid), 1_000_000)), "use");
        assert_eq!(said(&cache.need(Some("x"), 1_000_000)), "wait for a fetch");
        assert_eq!(said(&cache.need(Some(&kid), 1_000_599)), "use");
        assert_eq!(
            said(&cache.need(Some(&kid), 1_000_600)),
            "fetch, or use meanwhile"
        );
        cache.failed(1_000_600);
        assert_eq!(said(&cache.need(Some(&kid), 1_000_600)), "use");
        assert_eq!(
            said(&cache.need(Some(&kid), i64::MAX)),
            "fetch, or use meanwhile"
        );
    }

    #[test]
    fn a_clock_that_is_set_back_makes_keys_stale_and_not_immortal() {
        let (keys, kid) = keys();
        let mut cache = Cache::empty();
        cache.succeeded(keys, 600, 1_000_000);
        assert_eq!(
            said(&cache.need(Some(&kid), 1_000)),
            "fetch, or use meanwhile"
        );
        assert_eq!(said(&cache.need(Some("x"), 1_000)), "wait for a fetch");
    }
}
