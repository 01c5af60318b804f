//! Answers of authorizers, kept under what identified the caller and under nothing else: as on AWS,
//! an answer made for one route is what another route gets.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::answer::Permission;

/// Past this many, those whose time is over are thrown away.
const TIDY_AT: usize = 1000;

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
        if all.len() >= TIDY_AT {
            all.retain(|_, (until, _)| now < *until);
        }
        all.insert(key, (now + ttl, permission));
    }
}
