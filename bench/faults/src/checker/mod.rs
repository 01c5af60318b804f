//! Checks a history against what the store holds at the end. The audit log decides what happened: the
//! event of each attempt has an id of its own, so an attempt was carried out if and only if its event
//! is in the log. An acknowledged one must be there, a refused one must not; and everything else that
//! the store holds must be what the attempts in the log make it, no more and no less.

mod accounts;
mod facts;
mod log;
mod reads;
mod sessions;
mod state;
#[cfg(test)]
mod tests;
mod tokens;
mod versions;

pub use facts::{Facts, Found, Violation};
pub use state::FinalState;

use crate::history::Operation;

/// What a run may do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    /// Acknowledged writes may be lost, as by a failover to an asynchronous replica; they are counted.
    /// What is left must be consistent all the same.
    pub may_lose: bool,
}

/// What is wrong.
pub fn check(operations: &[Operation], state: &FinalState, rules: Rules) -> Found {
    let facts = Facts::new(operations, state, rules);
    let mut found = Found::default();
    log::check(&facts, &mut found);
    accounts::check(&facts, &mut found);
    versions::check(&facts, &mut found);
    sessions::check(&facts, &mut found);
    tokens::check(&facts, &mut found);
    if !rules.may_lose {
        reads::check(&facts, &mut found);
    }
    found
}
