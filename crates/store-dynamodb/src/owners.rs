//! Remembers whose a session or token is. That never changes while it exists, so that what is
//! remembered can't be wrong; it saves the look-up that a refresh or a personal access token would
//! cost otherwise.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use countersign_domain::id::UserId;
use countersign_domain::time::Timestamp;
use uuid::Uuid;

/// How many are remembered, in each of two generations: about a megabyte.
const MOST: usize = 8192;

/// Whose something is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub user: UserId,
    /// The epoch of the user in which a session was opened. It changes if the session is kept when
    /// all others are ended: then this is outdated, a guess that the service checks.
    pub epoch: u64,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Uuid, Owner>,
    old: HashMap<Uuid, Owner>,
}

/// The owners seen lately.
#[derive(Debug, Default)]
pub(crate) struct Owners(Mutex<Generations>);

impl Owners {
    pub fn remember(&self, id: Uuid, owner: Owner) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.young.len() >= MOST {
            all.old = std::mem::take(&mut all.young);
        }
        all.young.insert(id, owner);
    }

    pub fn of(&self, id: Uuid) -> Option<Owner> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = all.young.get(&id) {
            return Some(*found);
        }
        let found = all.old.remove(&id)?;
        all.young.insert(id, found);
        Some(found)
    }

    pub fn forget(&self, id: Uuid) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.young.remove(&id);
        all.old.remove(&id);
    }
}
