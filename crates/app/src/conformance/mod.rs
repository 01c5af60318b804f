//! The promises of [`crate::ports::store`], as tests that every store must pass: one function a
//! promise, named as the sentence it proves. A backend mounts them all with
//! [`conformance_tests!`](crate::conformance_tests) and a way to make an empty database; there is
//! no way to mount some. The suite knows no engine. It calls two instances on one database in turn,
//! so that nothing that one of them remembers can pass for a promise kept.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::option_option,
    clippy::similar_names,
    clippy::single_match_else,
    clippy::missing_panics_doc,
    reason = "this module is test code: it ends at the first surprise, by panicking, and names \
              things as the port does"
)]

mod activity;
mod audit_log;
mod authority;
mod clocks;
mod deletion;
mod imports;
mod keys;
mod last_admin;
mod live_sessions;
mod logins;
mod pages;
mod passwords;
mod personal_tokens;
mod profiles;
mod promises;
mod pruning;
mod race;
mod roles;
mod rotation;
mod rotation_races;
mod round_trips;
pub mod samples;
mod sign_ups;
mod standing;
mod states;
mod tasks;
mod transfer;
mod user_filters;
mod world;

use std::sync::Arc;

use async_trait::async_trait;

use crate::ports::{Store, StoreAdmin};

pub use promises::{PROMISES, prove};

/// A database of its own for one test: empty, with its schema in place.
#[async_trait]
pub trait Database: Send + Sync {
    /// One more instance of the product on this database. It shares the database with those
    /// before, and nothing else.
    async fn connect(&self) -> Arc<dyn Store>;

    /// The operator's side of one more instance.
    async fn admin(&self) -> Arc<dyn StoreAdmin>;

    /// How many round trips the busiest use cases may take. An engine that can't do with the usual
    /// ones says here, and in its documentation, why.
    fn budget(&self) -> Budget {
        Budget::default()
    }

    /// Clears the database away, after a test that passed.
    async fn discard(&self) {}
}

/// The most round trips that a use case may make to the store, once connections and prepared
/// statements are there.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// A call with an access token (`me`).
    pub check: u64,
    /// A login with a password: the look-up and the opening of the session.
    pub login: u64,
    /// A refresh.
    pub refresh: u64,
    /// A sign-up with a password and a session.
    pub sign_up: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            check: 1,
            login: 3,
            refresh: 1,
            sign_up: 2,
        }
    }
}
