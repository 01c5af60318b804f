//! A master key that is found later, or never: a server may have to wait for its database before it
//! knows which one that is, and commands that never touch the keys run without it.

use std::sync::OnceLock;

use async_trait::async_trait;
use countersign_app::ports::{MasterKey, MasterKeyError};
use zeroize::Zeroizing;

use super::LocalMasterKey;

/// Seals and opens nothing until it is given.
#[derive(Default)]
pub(super) struct LateMasterKey(OnceLock<LocalMasterKey>);

impl LateMasterKey {
    /// Gives the key. One that was given before stays.
    pub(super) fn give(&self, key: LocalMasterKey) {
        let _ = self.0.set(key);
    }

    /// Whether it was given.
    pub(super) fn is_there(&self) -> bool {
        self.0.get().is_some()
    }

    fn key(&self) -> Result<&LocalMasterKey, MasterKeyError> {
        let missing = || MasterKeyError::Unavailable("it is not there (yet)".to_owned());
        self.0.get().ok_or_else(missing)
    }
}

#[async_trait]
impl MasterKey for LateMasterKey {
    async fn seal(&self, secret: &[u8], context: &str) -> Result<Vec<u8>, MasterKeyError> {
        self.key()?.seal(secret, context).await
    }

    async fn open(
        &self,
        sealed: &[u8],
        context: &str,
    ) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
        self.key()?.open(sealed, context).await
    }
}
