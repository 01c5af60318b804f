//! The connections of one instance: a bounded number, made when needed, kept for the next call.
//! What is not known to be at rest is never kept: a call that ends in the middle, for whatever
//! reason, takes its connection with it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ActivityCounter, StoreLimits};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connection::{Answer, Connection, Statement};
use crate::error::{Fault, store_error};

/// A connection that rested longer is not used any more: something between may have forgotten it.
const LONGEST_REST: Duration = Duration::from_mins(10);

/// Makes and keeps connections.
pub(crate) struct Pool {
    hosts: Vec<Config>,
    /// Which of the hosts answered last.
    preferred: AtomicUsize,
    tls: Option<MakeRustlsConnect>,
    /// What each new connection is told first.
    greeting: String,
    limits: StoreLimits,
    permits: Arc<Semaphore>,
    resting: Mutex<Resting>,
    pub activity: ActivityCounter,
}

/// The connections that nobody uses.
#[derive(Default)]
struct Resting {
    connections: Vec<Connection>,
    /// How often all were ended. A connection of an earlier epoch never comes back to rest: it may
    /// have been in use when the others were ended.
    epoch: u64,
}

impl Pool {
    pub fn new(
        hosts: Vec<Config>,
        tls: Option<MakeRustlsConnect>,
        greeting: String,
        limits: StoreLimits,
    ) -> Arc<Self> {
        let size = usize::try_from(limits.connections).unwrap_or(usize::MAX);
        Arc::new(Self {
            hosts,
            preferred: AtomicUsize::new(0),
            tls,
            greeting,
            limits,
            permits: Arc::new(Semaphore::new(size.min(Semaphore::MAX_PERMITS))),
            resting: Mutex::new(Resting::default()),
            activity: ActivityCounter::default(),
        })
    }

    /// A connection to use alone, within the deadline for getting one, and no later than `left`.
    pub async fn lease(self: &Arc<Self>, left: Duration) -> Result<Lease, StoreError> {
        let wait = self.limits.acquire.min(left);
        timeout(wait, self.lease_at_leisure())
            .await
            .unwrap_or_else(|_| {
                self.activity.turned_away();
                Err(StoreError::Unavailable(
                    "no connection to PostgreSQL became free in time".to_owned(),
                ))
            })
    }

    async fn lease_at_leisure(self: &Arc<Self>) -> Result<Lease, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit =
            permit.map_err(|_| StoreError::Unavailable("the store is closed".to_owned()))?;
        let rested = self.rested();
        let is_new = rested.is_none();
        let connection = match rested {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        self.activity.connection(is_new);
        Ok(Lease {
            pool: Arc::clone(self),
            connection: Some(connection),
            is_new,
            is_at_rest: true,
            _permit: permit,
        })
    }

    fn resting(&self) -> MutexGuard<'_, Resting> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rested(&self) -> Option<Connection> {
        let mut resting = self.resting();
        while let Some(connection) = resting.connections.pop() {
            if !connection.is_closed() && connection.used.elapsed() < LONGEST_REST {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, mut connection: Connection) {
        connection.used = Instant::now();
        let mut resting = self.resting();
        if connection.epoch == resting.epoch {
            resting.connections.push(connection);
        } else {
            connection.abort();
        }
    }

    /// Ends all connections, those in use when they come back: what they lead to is not what it was.
    /// With an epoch only if that was not done since: what there is then is newer. Gives the epoch
    /// that begins, or began.
    fn forget(&self, epoch: Option<u64>) -> u64 {
        let mut resting = self.resting();
        if epoch.is_none_or(|epoch| epoch == resting.epoch) {
            resting.epoch += 1;
            for connection in resting.connections.drain(..) {
                connection.abort();
            }
        }
        resting.epoch
    }

    /// A new connection: to the host that answered last, or the first other one that will do.
    async fn connect(&self) -> Result<Connection, StoreError> {
        let count = self.hosts.len().max(1);
        let first = self.preferred.load(Ordering::Relaxed);
        // One host that does not answer at all must not take the time of the others.
        let share = self.limits.acquire / u32::try_from(count).unwrap_or(u32::MAX);
        let mut last = StoreError::Unavailable("PostgreSQL did not answer in time".to_owned());
        for n in 0..count {
            let place = (first + n) % count;
            let Some(host) = self.hosts.get(place) else {
                break;
            };
            match timeout(share, self.connect_to(host)).await {
                Ok(Ok(mut connection)) => {
                    if self.preferred.swap(place, Ordering::Relaxed) != place {
                        // The others may still lead to the host that was left; this one does not.
                        connection.epoch = self.forget(None);
                    }
                    return Ok(connection);
                }
                Ok(Err(error)) => last = store_error(&error),
                Err(_) => {
                    last = StoreError::Unavailable("PostgreSQL did not answer in time".to_owned());
                }
            }
        }
        Err(last)
    }

    async fn connect_to(&self, host: &Config) -> Result<Connection, tokio_postgres::Error> {
        // As it is before: what is ended meanwhile may be where this leads.
        let epoch = self.resting().epoch;
        self.activity.round_trip();
        let connection = if let Some(tls) = &self.tls {
            let (client, driver) = host.connect(tls.clone()).await?;
            Connection::new(client, drive(driver), epoch)
        } else {
            let (client, driver) = host.connect(NoTls).await?;
            Connection::new(client, drive(driver), epoch)
        };
        connection.command(&self.greeting, &self.activity).await?;
        Ok(connection)
    }
}

fn drive<S, T>(driver: tokio_postgres::Connection<S, T>) -> tokio::task::AbortHandle
where
    tokio_postgres::Connection<S, T>: Future + Send + 'static,
    <tokio_postgres::Connection<S, T> as Future>::Output: Send,
{
    // How a connection ends is seen by the call that uses it.
    tokio::spawn(driver).abort_handle()
}

/// A connection in use.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    connection: Option<Connection>,
    is_new: bool,
    is_at_rest: bool,
    // Last: another call may take a place only when the connection is back.
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    /// Whether it was made for this call.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Ends all connections of the epoch of this one; those in use, it too, when they come back.
    pub fn forget(&self) {
        if let Some(connection) = &self.connection {
            self.pool.forget(Some(connection.epoch));
        }
    }

    /// Marks it as being in the middle of something, until [`Lease::settle`].
    fn busy(&mut self) -> Result<&mut Connection, Fault> {
        self.is_at_rest = false;
        self.connection.as_mut().ok_or_else(|| {
            Fault::Store(StoreError::Unavailable("the connection is gone".to_owned()))
        })
    }

    /// One statement, which is a change or a read of its own.
    pub async fn run(&mut self, statement: Statement) -> Result<Answer, Fault> {
        let pool = Arc::clone(&self.pool);
        let answers = self
            .busy()?
            .run(None, vec![statement], None, &pool.activity)
            .await?;
        self.is_at_rest = true;
        Ok(answers.into_iter().next().unwrap_or_default())
    }

    /// Begins a transaction and runs the statements in it.
    pub async fn begin(&mut self, statements: Vec<Statement>) -> Result<Vec<Answer>, Fault> {
        self.begin_as("BEGIN", statements).await
    }

    /// The same with another beginning.
    pub async fn begin_as(
        &mut self,
        begin: &str,
        statements: Vec<Statement>,
    ) -> Result<Vec<Answer>, Fault> {
        let pool = Arc::clone(&self.pool);
        let connection = self.busy()?;
        Ok(connection
            .run(Some(begin), statements, None, &pool.activity)
            .await?)
    }

    /// Goes on with the transaction.
    pub async fn go_on(&mut self, statements: Vec<Statement>) -> Result<Vec<Answer>, Fault> {
        let pool = Arc::clone(&self.pool);
        let connection = self.busy()?;
        Ok(connection
            .run(None, statements, None, &pool.activity)
            .await?)
    }

    /// Ends the transaction with these statements and commits it.
    pub async fn commit(&mut self, statements: Vec<Statement>) -> Result<Vec<Answer>, Fault> {
        let pool = Arc::clone(&self.pool);
        let connection = self.busy()?;
        let answers = connection
            .run(None, statements, Some("COMMIT"), &pool.activity)
            .await?;
        self.is_at_rest = true;
        Ok(answers)
    }

    /// A whole transaction in one round trip.
    pub async fn transact(&mut self, statements: Vec<Statement>) -> Result<Vec<Answer>, Fault> {
        self.transact_as("BEGIN", statements).await
    }

    /// The same with another beginning.
    pub async fn transact_as(
        &mut self,
        begin: &str,
        statements: Vec<Statement>,
    ) -> Result<Vec<Answer>, Fault> {
        let pool = Arc::clone(&self.pool);
        let connection = self.busy()?;
        let answers = connection
            .run(Some(begin), statements, Some("COMMIT"), &pool.activity)
            .await?;
        self.is_at_rest = true;
        Ok(answers)
    }

    /// Runs text that has no values, within a transaction.
    pub async fn command(&mut self, text: &str) -> Result<(), Fault> {
        let pool = Arc::clone(&self.pool);
        Ok(self.busy()?.command(text, &pool.activity).await?)
    }

    /// Undoes the transaction.
    pub async fn roll_back(&mut self) -> Result<(), Fault> {
        self.command("ROLLBACK").await?;
        self.is_at_rest = true;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        if self.is_at_rest && !connection.is_closed() {
            self.pool.keep(connection);
        } else {
            connection.abort();
        }
    }
}
