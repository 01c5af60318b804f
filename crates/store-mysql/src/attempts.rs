//! Whether a call that failed is tried again: only where the engine surely undid it, or where
//! nothing can have been changed.

use std::time::Duration;

use countersign_app::ports::store::StoreResult;

use crate::error::Fault;
use crate::link::Link;
use crate::pool::Pool;

/// A value that was taken at each of so many looks is taken for good: by what the call itself does.
const MOST_DUPLICATES: u32 = 12;

/// The attempts of one call.
pub(crate) struct Attempts<'p> {
    pool: &'p Pool,
    made: u32,
    duplicates: u32,
    reconnected: bool,
}

impl<'p> Attempts<'p> {
    pub fn new(pool: &'p Pool) -> Self {
        Self {
            pool,
            made: 0,
            duplicates: 0,
            reconnected: false,
        }
    }

    /// Puts the connection away and waits a little, if the call is to be tried again; else tells
    /// why it failed. The deadline of the call ends the attempts.
    pub async fn after(&mut self, mut link: Link<'_>, fault: Fault) -> StoreResult<()> {
        match &fault {
            Fault::Refused(refused) if refused.gave_way() => {
                link.settle().await;
                drop(link);
                self.pause().await;
                return Ok(());
            }
            // Another call was first since this one looked; the next attempt sees what it made.
            Fault::Refused(refused)
                if refused.is_duplicate() && self.duplicates < MOST_DUPLICATES =>
            {
                self.duplicates += 1;
                link.settle().await;
                drop(link);
                self.pause().await;
                return Ok(());
            }
            Fault::Refused(refused) if refused.is_passing() => {
                link.close();
                self.pool.forget_idle();
            }
            Fault::Refused(_) | Fault::Told(_) => link.settle().await,
            Fault::Lost { unknown, .. } => {
                self.pool.forget_idle();
                if !unknown && link.was_reused() && !self.reconnected {
                    self.reconnected = true;
                    return Ok(());
                }
            }
        }
        Err(fault.into_store_error())
    }

    async fn pause(&mut self) {
        self.made += 1;
        let most = 4_u64 << self.made.min(4);
        let millis = fastrand::u64(1..=most);
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}
