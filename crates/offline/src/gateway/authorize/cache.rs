//! Answers of authorizers, kept under what identified the caller and under nothing else: as on AWS,
//! an answer made for one route is what another route gets.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::answer::Permission;

/// At most this many are kept: those whose time is over make room, and then the one that ends first.
const MOST: usize = 1000;

/// An API's authorizer and the values of its identity sources.
type Key = (String, String, Vec<String>);

#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<Key, (Instant, Permission)>>);

impl Cache {
    pub(super) fn get(&self, key: &Key) -> Option<Permission> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, permission) = all.get(key)?;
        (Instant::now() < *until).then(|| permission.clone())
    }

    pub(super) fn put(&self, key: Key, permission: Permission, ttl: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if all.len() >= MOST {
            all.retain(|_, (until, _)| now < *until);
        }
        if all.len() >= MOST && !all.contains_key(&key) {
            let first = all.iter().min_by_key(|(_, (until, _))| *until);
            if let Some(first) = first.map(|(key, _)| key.clone()) {
                all.remove(&first);
            }
        }
        all.insert(key, (now + ttl, permission));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::authorize::answer::Rule;

    #[test]
    fn ever_new_callers_take_no_more_than_their_room() {
        let cache = Cache::default();
        let key = |n: usize| {
            (
                "Api".to_owned(),
                "Authorizer".to_owned(),
                vec![n.to_string()],
            )
        };
        for n in 0..MOST + 10 {
            let permission = Permission {
                rule: Rule::Simple(true),
                principal: None,
                context: None,
            };
            cache.put(key(n), permission, Duration::from_hours(1));
        }
        assert_eq!(cache.0.lock().unwrap().len(), MOST);
        assert!(cache.get(&key(0)).is_none() && cache.get(&key(MOST + 9)).is_some());
    }
}
