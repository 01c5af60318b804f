//! What a store counts about itself, the same for every engine: so that a test can hold a use case
//! to its round trips, and an operator sees whether connections are made anew or reused.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

tokio::task_local! {
    static NOTED: Cell<Option<Connection>>;
}

/// The connection that a call to the database went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Made for it.
    New,
    /// Made before.
    Existing,
}

impl Connection {
    /// `new` or `existing`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Existing => "existing",
        }
    }
}

/// Does `work` and says which connection it used: a new one if any was; `None` if it asked no store.
pub async fn noting_connections<T>(work: impl Future<Output = T>) -> (T, Option<Connection>) {
    NOTED
        .scope(Cell::new(None), async {
            let done = work.await;
            (done, NOTED.with(Cell::get))
        })
        .await
}

/// Counts of a store since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// How often a call waited for the database to answer. Statements that are sent together are
    /// one round trip; for an embedded database, one read or one write is.
    pub round_trips: u64,
    /// Connections made anew.
    pub connections_opened: u64,
    /// How often a call used a connection that was there already.
    pub connections_reused: u64,
    /// Calls turned away because no connection became free in time.
    pub turned_away: u64,
}

/// Counts an [`Activity`].
#[derive(Debug, Default)]
pub struct ActivityCounter {
    round_trips: AtomicU64,
    connections_opened: AtomicU64,
    connections_reused: AtomicU64,
    turned_away: AtomicU64,
}

impl ActivityCounter {
    /// The field of a request's tracing span that [`ActivityCounter::connection`] fills in.
    pub const SPAN_FIELD: &'static str = "database_connection";

    /// One more wait for the database.
    pub fn round_trip(&self) {
        self.round_trips.fetch_add(1, Ordering::Relaxed);
    }

    /// A call got a connection, `new` or used before. The span of the call notes which, and
    /// a new one is logged.
    pub fn connection(&self, new: bool) {
        let (count, used) = if new {
            (&self.connections_opened, Connection::New)
        } else {
            (&self.connections_reused, Connection::Existing)
        };
        count.fetch_add(1, Ordering::Relaxed);
        tracing::Span::current().record(Self::SPAN_FIELD, used.as_str());
        // Outside of a request nobody asks.
        let _ = NOTED.try_with(|noted| {
            if new || noted.get().is_none() {
                noted.set(Some(used));
            }
        });
        if new {
            tracing::info!("using new database connection");
        } else {
            tracing::trace!("using existing database connection");
        }
    }

    /// A call got no connection in time.
    pub fn turned_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts at this moment.
    pub fn snapshot(&self) -> Activity {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Activity {
            round_trips: read(&self.round_trips),
            connections_opened: read(&self.connections_opened),
            connections_reused: read(&self.connections_reused),
            turned_away: read(&self.turned_away),
        }
    }
}
