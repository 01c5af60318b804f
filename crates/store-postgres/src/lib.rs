//! The `PostgreSQL` store.
//!
//! Every intent of the port is one transaction at `PostgreSQL`'s ordinary isolation level
//! (`READ COMMITTED`), or one statement that is a transaction of its own. What the change depends
//! on is locked before it is read: the row of the user (`FOR NO KEY UPDATE`) for what counts or
//! compares something of theirs, the row of the session in a refresh, the definitions of roles
//! that are being granted, a row of `guards` for what must stay true in the whole database (one
//! working admin), and an advisory lock for migrations. Names and idempotency keys are unique by
//! indexes. A refresh and a sign-up in which all is as hoped take one round trip, the first as one
//! guarded statement, the second as one pipelined transaction; other changes take two.
//!
//! It needs `PostgreSQL` 12 or later, a database in UTF-8, and a role that may use a schema of its
//! own (and make it, for the first migration). It prepares statements, so a pooler between must
//! pool sessions. A write is acknowledged when the server has committed it: how durable that is, is
//! the server's `synchronous_commit`.

mod accounts;
mod address;
mod admin;
mod administration;
mod audit;
mod calls;
mod cells;
mod connection;
mod error;
mod imports;
mod keys;
mod migrations;
mod new_users;
mod open_session;
mod options;
mod pages;
mod personal_tokens;
mod pool;
mod problems;
mod prune;
mod records;
mod roles;
mod rotate;
mod sessions;
mod standing;
mod store;
mod tasks;
mod tls;
mod user_lists;
mod users;
mod value;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use countersign_app::ports::store::StoreLimits;

pub use error::PostgresError;
pub use options::PostgresOptions;

use address::Address;
use pool::Pool;

/// The store. Its connections are made when they are needed, and shared by all calls.
pub struct PostgresStore {
    pool: Arc<Pool>,
    limits: StoreLimits,
    schema: String,
    shown: String,
    begin_bulk: String,
}

impl PostgresStore {
    /// Reads the address and the certificate authorities; asks nothing of any server yet.
    pub fn new(url: &str, options: PostgresOptions) -> Result<Self, PostgresError> {
        let PostgresOptions { limits, ca_file } = options;
        if limits.connections == 0 {
            return Err(PostgresError::NoConnections);
        }
        let address = Address::parse(url, ca_file.is_some())?;
        let ca_file = address.ca_file.or(ca_file);
        let tls = address
            .tls
            .then(|| tls::connector(ca_file.as_deref()))
            .transpose()?;
        let greeting = greeting(&address.schema, &limits);
        let begin_bulk = format!(
            "BEGIN; SET LOCAL statement_timeout = {bulk}; SET LOCAL lock_timeout = {bulk}",
            bulk = millis(limits.bulk)
        );
        Ok(Self {
            pool: Pool::new(address.hosts, tls, greeting, limits),
            limits,
            schema: address.schema,
            shown: address.shown,
            begin_bulk,
        })
    }

    /// The address without its secret.
    pub fn address(&self) -> String {
        self.shown.clone()
    }

    /// The schema (namespace) that holds the tables.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Begins a transaction that may take as long as a bulk call.
    pub(crate) fn begin_bulk(&self) -> &str {
        &self.begin_bulk
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    pub(crate) fn limits(&self) -> &StoreLimits {
        &self.limits
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("address", &self.shown)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// What each new connection is told: where the tables are, that nothing waits longer than its call
/// does, and that a transaction whose instance died lets go of its locks.
fn greeting(schema: &str, limits: &StoreLimits) -> String {
    // The server gives up a little before the call does: its answer tells that it is well.
    let wait = millis(limits.call * 4 / 5);
    format!(
        "SET search_path TO \"{schema}\"; SET statement_timeout TO {wait}; \
         SET lock_timeout TO {wait}; SET idle_in_transaction_session_timeout TO {idle}; \
         SET default_transaction_isolation TO 'read committed'; \
         SET client_min_messages TO warning",
        idle = millis(limits.call.max(limits.acquire) * 4),
    )
}

/// Whole milliseconds, at least one: zero would mean forever.
fn millis(span: Duration) -> u128 {
    span.as_millis().clamp(1, i32::MAX.unsigned_abs().into())
}
