//! Remembers which access tokens verified, so that a busy client's token costs one signature check
//! and not one a call. Only the signature is remembered: life, session and account are looked at
//! anew each time. It belongs to one snapshot of the keys and is gone with it, so that what a key
//! signed is forgotten when the key is retired, whoever retired it.
//! Bounded, by two generations of which the older is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign_token::Verified;
use sha2::{Digest, Sha256};

/// How many tokens one generation holds: with two, about 8 MB at most.
const GENERATION: usize = 4096;

type Table = HashMap<[u8; 32], Arc<Verified>>;

/// Tokens that verified, by their SHA-256.
pub(crate) struct TokenCache {
    tables: Mutex<(Table, Table)>,
}

impl TokenCache {
    pub(crate) fn new() -> Self {
        Self {
            tables: Mutex::new((Table::new(), Table::new())),
        }
    }

    pub(crate) fn key(token: &str) -> [u8; 32] {
        Sha256::digest(token.as_bytes()).into()
    }

    pub(crate) fn find(&self, key: &[u8; 32]) -> Option<Arc<Verified>> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let (young, old) = &mut *tables;
        if let Some(found) = young.get(key) {
            return Some(found.clone());
        }
        let found = old.remove(key)?;
        Self::put(&mut tables, *key, found.clone());
        Some(found)
    }

    /// Adds to the younger generation; a full one becomes the older, which is dropped.
    fn put((young, old): &mut (Table, Table), key: [u8; 32], verified: Arc<Verified>) {
        if young.len() >= GENERATION {
            *old = std::mem::take(young);
        }
        young.insert(key, verified);
    }

    pub(crate) fn keep(&self, key: [u8; 32], verified: Arc<Verified>) {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        Self::put(&mut tables, key, verified);
    }
}
