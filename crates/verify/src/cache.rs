//! Tokens that verified a moment ago, so that a busy caller's signature need not be checked at each
//! request. Off unless asked for. What is kept is a hash of the token and who it stands for; it is good
//! under the very keys that verified it and until the token ends, and whether the token was revoked is
//! asked anew each time. Bounded by two generations, of which the older is dropped.

use std::collections::HashMap;
use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use countersign_token::{KeyId, Keys};

use crate::principal::Principal;

/// The SHA-256 of a whole token: two tokens that differ in a byte never meet.
type Hash = [u8; 32];
type Table = HashMap<Hash, Entry>;

/// Tokens that verified. Clones of a verifier share it; one that trusts other issuers has its own.
pub(crate) struct Cache {
    /// How many tokens a generation holds; half of the bound.
    generation: usize,
    tables: Mutex<(Table, Table)>,
}

/// A token that verified.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) principal: Principal,
    /// Which of the trusted issuers it is from.
    pub(crate) issuer: usize,
    pub(crate) kid: Option<KeyId>,
    /// The keys that verified it. With other keys, were it only one more, it is verified again.
    pub(crate) keys: Arc<Keys>,
    pub(crate) verified_at: i64,
    /// The second at which verifying would begin to refuse it.
    pub(crate) until: i64,
}

impl Entry {
    /// Whether verifying would still accept its times. A clock that was set back makes it be verified.
    fn is_alive(&self, now: i64) -> bool {
        (self.verified_at..self.until).contains(&now)
    }
}

impl Cache {
    /// A cache of at most `tokens`.
    pub(crate) fn of(tokens: usize) -> Self {
        Self {
            generation: (tokens / 2).max(1),
            tables: Mutex::default(),
        }
    }

    /// An empty cache of the same size.
    pub(crate) fn anew(&self) -> Self {
        Self {
            generation: self.generation,
            tables: Mutex::default(),
        }
    }

    /// The entry of a token, if it is alive at `now`.
    pub(crate) fn find(&self, token: &Hash, now: i64) -> Option<Entry> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let (young, old) = &mut *tables;
        if let Some(found) = young.get(token) {
            if found.is_alive(now) {
                return Some(found.clone());
            }
            young.remove(token);
            return None;
        }
        let found = old.remove(token).filter(|found| found.is_alive(now))?;
        self.put(&mut tables, *token, found.clone());
        Some(found)
    }

    pub(crate) fn keep(&self, token: Hash, entry: Entry) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        self.put(&mut tables, token, entry);
    }

    fn put(&self, (young, old): &mut (Table, Table), token: Hash, entry: Entry) {
        if young.len() >= self.generation {
            *old = mem::take(young);
        }
        young.insert(token, entry);
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use countersign_token::AccessTokenClaims;

    use super::*;

    fn entry(verified_at: i64, until: i64) -> Entry {
        let claims = AccessTokenClaims {
            iss: "https://id.example.com".parse().unwrap(),
            aud: vec![],
            sub: "user-1".into(),
            client_id: "web".into(),
            jti: "token-1".into(),
            iat: verified_at,
            exp: until,
            scope: "".parse().unwrap(),
            roles: vec![],
            sid: None,
            auth_time: None,
            amr: vec![],
            acr: None,
        };
        Entry {
            principal: Principal::dangerous_from_claims(claims, "a test"),
            issuer: 0,
            kid: None,
            keys: Arc::new(Keys::new()),
            verified_at,
            until,
        }
    }

    fn hash(number: usize) -> Hash {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        hash
    }

    #[test]
    fn an_entry_lives_from_its_verification_to_before_its_end() {
        let cache = Cache::of(10);
        for (now, found) in [(99, false), (100, true), (199, true), (200, false)] {
            cache.keep(hash(1), entry(100, 200));
            assert_eq!(cache.find(&hash(1), now).is_some(), found, "{now}");
        }
    }

    #[test]
    fn however_many_tokens_come_a_bounded_number_is_kept() {
        let cache = Cache::of(100);
        for number in 0..10_000 {
            cache.keep(hash(number), entry(0, 10));
            let tables = cache.tables.lock().unwrap();
            assert!(tables.0.len() + tables.1.len() <= 100);
        }
        let kept = (0..10_000).filter(|number| cache.find(&hash(*number), 5).is_some());
        assert!(kept.count() >= 50);
    }

    #[test]
    fn a_token_in_use_outlives_the_generations() {
        let cache = Cache::of(100);
        cache.keep(hash(0), entry(0, 10));
        for number in 1..10_000 {
            cache.keep(hash(number), entry(0, 10));
            assert!(cache.find(&hash(0), 5).is_some(), "{number}");
        }
    }
}
