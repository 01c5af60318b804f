//! The `MongoDB` store, for replica sets of `MongoDB` 8.0 or newer (and Atlas).
//!
//! An intent that writes one document (a turn at a task, a ping, an event alone) is one atomic write.
//! Every other one is a transaction with write concern `majority`, and read concern `snapshot` if it
//! reads before it writes: the change and its audit event are written by one `bulkWrite` over all
//! collections, then committed.
//! A snapshot lets two transactions miss one another where neither writes what the other read. So
//! whatever a decision leans on is written, if only by counting a hidden field `touched` up: the user
//! for whom a session or token is opened, the role that is granted, the instance when a working admin
//! stops being one. Of two such transactions the server then lets one through and rolls the other back,
//! which is tried again. `docs/stores/mongodb.md` goes through the intents one by one.
//!
//! Needs: a replica set (a set of one member will do), because a single server has no transactions;
//! a user with the role `readWrite` on the database, and `dbAdmin` for migrations; an address without
//! options that weaken any of this, which are refused.

mod accounts;
mod address;
mod audit;
mod change;
mod db;
mod error;
mod fields;
mod import;
mod inspect;
mod instance;
mod keys;
mod lease;
mod migrations;
mod open_session;
mod operator;
mod options;
mod pages;
mod personal_tokens;
mod prune;
mod records;
mod roles;
mod rotate;
mod sessions;
mod sign_up;
mod standing;
mod store;
mod tasks;
mod user_lists;
mod users;
mod values;
mod watch;
mod writes;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ActivityCounter, StoreResult};
use tokio::sync::{OnceCell, Semaphore};

pub use error::MongoDbError;
pub use options::MongoDbOptions;

use address::Address;
use db::Db;
use watch::Seen;

/// The store.
pub struct MongoDbStore {
    address: Address,
    options: MongoDbOptions,
    counter: Arc<ActivityCounter>,
    // One for each connection, so that a call never waits for a connection between two commands.
    turns: Semaphore,
    db: OnceCell<Db>,
}

impl MongoDbStore {
    /// Understands the address and reads the file of certificate authorities, if there is one.
    /// Connects to nothing: that is done by the first call, within its time.
    pub fn new(url: &str, options: MongoDbOptions) -> Result<Self, MongoDbError> {
        let address = Address::parse(url, options.ca_file.as_deref())?;
        let connections = usize::try_from(options.limits.connections.max(1));
        Ok(Self {
            address,
            counter: Arc::default(),
            turns: Semaphore::new(connections.unwrap_or(1).min(Semaphore::MAX_PERMITS)),
            db: OnceCell::new(),
            options,
        })
    }

    /// The hosts and the database, without user and password, for people.
    pub fn address(&self) -> String {
        self.address.shown.clone()
    }

    /// The database, connected to when first asked for.
    async fn db(&self) -> StoreResult<&Db> {
        let connect = || Db::connect(&self.address, &self.options.limits, &self.counter);
        self.db.get_or_try_init(connect).await
    }

    /// Holds two calls that are one for the caller to the time of one.
    async fn within_a_call<T>(
        &self,
        calls: impl Future<Output = StoreResult<T>> + Send,
    ) -> StoreResult<T> {
        let limit = self.options.limits.call;
        let late = |_| Err(StoreError::Unavailable("it took too long".to_owned()));
        tokio::time::timeout(limit, calls)
            .await
            .unwrap_or_else(late)
    }

    /// Runs an ordinary call.
    async fn call<T>(&self, work: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
        self.within(self.options.limits.call, work).await
    }

    /// Runs a call that touches many documents.
    async fn bulk<T>(&self, work: impl Future<Output = StoreResult<T>>) -> StoreResult<T> {
        self.within(self.options.limits.bulk, work).await
    }

    /// Waits for a turn, then runs the call, all within `limit`. When the time is over the call is
    /// dropped: the driver then closes the connection on which an answer is outstanding, and aborts
    /// an open transaction on another.
    async fn within<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = StoreResult<T>>,
    ) -> StoreResult<T> {
        let in_turn = async {
            let turn = tokio::time::timeout(self.options.limits.acquire, self.turns.acquire());
            let Ok(_turn) = turn.await else {
                self.counter.turned_away();
                let text = "all connections are in use".to_owned();
                return Err(StoreError::Unavailable(text));
            };
            work.await
        };
        let timed = tokio::time::timeout(limit, in_turn);
        // Boxed, because the futures of the driver are large and go through many hands.
        match Box::pin(Seen::around(&self.counter, timed)).await {
            Ok(answer) => answer,
            Err(_) => Err(StoreError::Unavailable(
                "the server took too long to answer".to_owned(),
            )),
        }
    }
}

impl fmt::Debug for MongoDbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoDbStore")
            .field("address", &self.address.shown)
            .finish_non_exhaustive()
    }
}
