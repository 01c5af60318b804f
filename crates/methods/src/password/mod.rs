//! Passwords: hashed with Argon2id, judged before they are taken, verified whatever made the hash.
//!
//! Implements [`Passwords`]. Hashing runs on a bounded pool of its own threads; see the modules for
//! what holds where. It neither knows users nor stores anything.

mod hashing;
mod kinds;
mod memory;
mod peppers;
mod policy;
mod pool;
mod settings;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign_app::ports::{Entropy, HashingBusy, Passwords, UnknownHash, Verdict};
use countersign_domain::password::{Password, PasswordHash, WeakPassword};

use hashing::Hashing;
use peppers::Peppers;
use policy::Policy;
use pool::Pool;

pub use peppers::Pepper;
pub use policy::Strength;
pub use settings::{InvalidSetting, PasswordSettings};

/// The password method could not start.
#[derive(Debug, thiserror::Error)]
pub enum CannotStart {
    /// A setting can't stand.
    #[error("password settings: {0}")]
    Setting(#[from] InvalidSetting),
    /// The system gave no thread.
    #[error("no hashing thread could be started: {0}")]
    Threads(#[from] std::io::Error),
}

/// Logs in with passwords.
pub struct PasswordMethod {
    hashing: Arc<Hashing>,
    policy: Policy,
    pool: Pool,
}

impl PasswordMethod {
    /// Checks the settings and starts the hashing threads. Computes no hash, so it takes no time.
    pub fn new(settings: PasswordSettings, entropy: Arc<dyn Entropy>) -> Result<Self, CannotStart> {
        settings.check()?;
        if let Some(reason) = settings.dangerous_allow_cheap {
            tracing::warn!(reason, "passwords may be hashed at next to no cost");
        }
        let cost = settings.cost();
        let policy = Policy::new(&settings);
        let peppers = Peppers::new(settings.pepper, settings.previous_peppers)?;
        let threads = settings
            .threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get);
        Ok(Self {
            hashing: Arc::new(Hashing::new(
                cost,
                settings.foreign_memory_mib,
                peppers,
                entropy,
            )),
            policy,
            pool: Pool::start(threads, settings.queue_limit, settings.max_wait)?,
        })
    }

    /// How hard a password is to guess, in words; `about` are the person's own names and addresses.
    pub fn strength(&self, password: &Password, about: &[&str]) -> Strength {
        self.policy.strength(password, about)
    }

    /// How many hashes wait for a thread: for metrics.
    pub fn queue_depth(&self) -> usize {
        self.pool.depth()
    }

    /// What one hash takes, on average over the latest: for metrics.
    pub fn mean_hash_time(&self) -> Duration {
        self.pool.mean_time()
    }
}

#[async_trait]
impl Passwords for PasswordMethod {
    fn assess(&self, password: &Password, about: &[&str]) -> Result<(), WeakPassword> {
        self.policy.assess(password, about)
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash, HashingBusy> {
        let hashing = Arc::clone(&self.hashing);
        let job = move |memory: &mut _| hashing.hash(password.expose().as_bytes(), memory);
        self.pool.run(job).await?.map_err(|error| {
            // INVARIANT: checked settings hash every password, so this is never seen.
            tracing::error!(%error, "a password could not be hashed");
            HashingBusy {
                retry_after: Duration::from_secs(1),
            }
        })
    }

    async fn verify(
        &self,
        password: Password,
        stored: Option<PasswordHash>,
    ) -> Result<Verdict, HashingBusy> {
        let hashing = Arc::clone(&self.hashing);
        let job = move |memory: &mut _| {
            hashing.verify(password.expose().as_bytes(), stored.as_ref(), memory)
        };
        self.pool.run(job).await
    }

    fn accept_foreign(&self, text: &str) -> Result<PasswordHash, UnknownHash> {
        self.hashing.accept(text).map_err(|error| UnknownHash {
            reason: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;
