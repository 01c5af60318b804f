//! Time and chance that the test owns, and a master key that hides nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use countersign_app::ports::{Clock, Entropy, MasterKey, MasterKeyError};
use countersign_domain::time::Timestamp;
use zeroize::Zeroizing;

/// A clock that stands still until it is told otherwise.
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        let start: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        Self(AtomicI64::new(start.as_millis()))
    }
}

impl TestClock {
    pub fn advance(&self, span: Duration) {
        self.0
            .fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub(super) fn ports_clock(clock: &Arc<TestClock>) -> Arc<dyn Clock> {
    clock.clone()
}

/// Bytes that anybody can guess and that never repeat.
#[derive(Default)]
pub struct TestEntropy(AtomicU64);

impl Entropy for TestEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self
                .0
                .fetch_add(1, Ordering::SeqCst)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Seals nothing.
pub(super) struct NoMasterKey;

#[async_trait]
impl MasterKey for NoMasterKey {
    async fn seal(&self, secret: &[u8], _context: &str) -> Result<Vec<u8>, MasterKeyError> {
        Ok(secret.to_vec())
    }

    async fn open(&self, sealed: &[u8], _: &str) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
        Ok(Zeroizing::new(sealed.to_vec()))
    }
}
