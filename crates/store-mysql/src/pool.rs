//! Connections: made when they are needed, kept while they are good, bounded in number and in the
//! time that a call waits for one. The driver's own pool is not used: it cleans up what a dropped
//! call left behind before it hands the connection on, where this one never sees it again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use countersign_app::ports::StoreError;
use countersign_app::ports::store::{ActivityCounter, StoreLimits, StoreResult};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::attempts::Attempts;
use crate::error::{Fault, describe};
use crate::link::Link;

/// A connection that idled longer is asked whether it is still there before a call relies on it.
const DOUBTED_AFTER: Duration = Duration::from_secs(5);

/// A connection that is older is not used again, so that in time all go where the name of the
/// server leads now.
const OLD_AFTER: Duration = Duration::from_mins(30);

/// The connections of one store.
pub(crate) struct Pool {
    options: Opts,
    limits: StoreLimits,
    permits: Semaphore,
    idle: Mutex<Vec<Idle>>,
    pub activity: ActivityCounter,
}

/// A connection that nobody uses: no transaction is open on it, and nothing is left to be read.
pub(crate) struct Idle {
    pub conn: Conn,
    pub made: Instant,
    pub since: Instant,
}

impl Pool {
    /// Makes no connection yet.
    pub fn new(options: Opts, limits: StoreLimits) -> Self {
        let most = usize::try_from(limits.connections.max(1)).unwrap_or(usize::MAX);
        Self {
            options,
            limits,
            permits: Semaphore::new(most.min(Semaphore::MAX_PERMITS)),
            idle: Mutex::default(),
            activity: ActivityCounter::default(),
        }
    }

    /// How long what may take.
    pub fn limits(&self) -> &StoreLimits {
        &self.limits
    }

    /// A connection for one call.
    pub async fn take(&self) -> Result<Link<'_>, Fault> {
        let Ok(permit) = timeout(self.limits.acquire, self.acquire()).await else {
            self.activity.turned_away();
            let busy = "no connection to the server became free in time".to_owned();
            return Err(Fault::Told(StoreError::Unavailable(busy)));
        };
        permit
    }

    async fn acquire(&self) -> Result<Link<'_>, Fault> {
        let permit =
            self.permits.acquire().await.map_err(|_| {
                Fault::Told(StoreError::Unavailable("the store is closed".to_owned()))
            })?;
        while let Some(mut idle) = self.pop() {
            if idle.made.elapsed() > OLD_AFTER {
                continue;
            }
            if idle.since.elapsed() > DOUBTED_AFTER {
                self.activity.round_trip();
                if idle.conn.ping().await.is_err() {
                    self.forget_idle();
                    continue;
                }
            }
            self.activity.connection(false);
            return Ok(Link::new(self, permit, idle.conn, idle.made, true));
        }
        self.connect(permit).await
    }

    async fn connect<'p>(&'p self, permit: SemaphorePermit<'p>) -> Result<Link<'p>, Fault> {
        self.activity.round_trip();
        let made = Instant::now();
        match Conn::new(self.options.clone()).await {
            Ok(conn) => {
                self.activity.connection(true);
                Ok(Link::new(self, permit, conn, made, false))
            }
            // Whatever it is, it is not the data; and it may be mended at the server.
            Err(error) => Err(Fault::Told(StoreError::Unavailable(describe(&error)))),
        }
    }

    fn pop(&self) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop()
    }

    /// Takes a connection back that is as new.
    pub fn give_back(&self, conn: Conn, made: Instant) {
        let since = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(Idle { conn, made, since });
    }

    /// Where one connection broke, the others are probably broken too.
    pub fn forget_idle(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = std::mem::take(&mut *idle);
        drop(idle);
        drop(gone);
    }

    /// Runs a call as often as its attempts ask for, within a limit of time in all.
    pub async fn within<T>(
        &self,
        limit: Duration,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> StoreResult<T> {
        match timeout(limit, call).await {
            Ok(answer) => answer,
            Err(_) => Err(StoreError::Unavailable(
                "the server did not answer in time".to_owned(),
            )),
        }
    }

    /// The attempts of one call.
    pub fn attempts(&self) -> Attempts<'_> {
        Attempts::new(self)
    }
}

/// Runs an async expression on a connection, again as long as [`Attempts`] say so, within one of the
/// store's limits. What it borrows it borrows for each attempt.
macro_rules! on_a_link {
    ($pool:expr, $limit:ident, $link:ident => $work:expr) => {{
        let pool: &$crate::pool::Pool = $pool;
        pool.within(pool.limits().$limit, async {
            let mut attempts = pool.attempts();
            loop {
                let mut link = match pool.take().await {
                    Ok(link) => link,
                    Err(fault) => return Err(fault.into_store_error()),
                };
                let outcome = {
                    let $link = &mut link;
                    $work.await
                };
                match outcome {
                    Ok(answer) => {
                        link.settle().await;
                        return Ok(answer);
                    }
                    Err(fault) => attempts.after(link, fault).await?,
                }
            }
        })
        .await
    }};
}
pub(crate) use on_a_link;
