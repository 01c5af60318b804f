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
    reason = "this module is test code: it ends at the first surprise, by panicking, and names \
              things as the port does"
)]

mod audit_log;
mod authority;
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
mod samples;
mod sign_ups;
mod states;
mod user_filters;
mod world;

use std::sync::Arc;

use async_trait::async_trait;

use crate::ports::Store;

pub use promises::{PROMISES, prove};

/// A database of its own for one test: empty, with its schema in place.
#[async_trait]
pub trait Database: Send + Sync {
    /// One more instance of the product on this database. It shares the database with those
    /// before, and nothing else.
    async fn connect(&self) -> Arc<dyn Store>;

    /// Clears the database away, after a test that passed.
    async fn discard(&self) {}
}
