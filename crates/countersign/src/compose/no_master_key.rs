//! Stands where a master key would, for commands that never touch the keys.

use async_trait::async_trait;
use countersign_app::ports::{MasterKey, MasterKeyError};
use zeroize::Zeroizing;

/// Seals and opens nothing.
pub(super) struct NoMasterKey;

#[async_trait]
impl MasterKey for NoMasterKey {
    async fn seal(&self, _: &[u8], _: &str) -> Result<Vec<u8>, MasterKeyError> {
        Err(refusal())
    }

    async fn open(&self, _: &[u8], _: &str) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
        Err(refusal())
    }
}

fn refusal() -> MasterKeyError {
    MasterKeyError::Unavailable("this command runs without it".to_owned())
}
