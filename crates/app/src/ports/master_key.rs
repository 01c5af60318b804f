//! The master key, under which the instance's keys are sealed before they are stored: a file, an
//! environment variable, or a key management service.

use async_trait::async_trait;
use zeroize::Zeroizing;

/// The master key could not seal or open.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// What is stored was sealed under another master key, or is damaged.
    #[error(
        "the stored keys can't be opened with this master key: restore the key they were sealed \
         under, or remove them with `countersign keys retire --all` and log everybody in anew"
    )]
    CannotOpen,
    /// The service that holds the key did not do it.
    #[error("the master key could not be used: {0}")]
    Unavailable(String),
}

/// Seals and opens small secrets (envelope encryption: a fresh data key each, wrapped by the
/// master key).
#[async_trait]
pub trait MasterKey: Send + Sync {
    /// Seals `secret`. `context` is bound to the result: it opens with the same one alone.
    async fn seal(&self, secret: &[u8], context: &str) -> Result<Vec<u8>, MasterKeyError>;

    /// Opens what [`MasterKey::seal`] gave.
    async fn open(
        &self,
        sealed: &[u8],
        context: &str,
    ) -> Result<Zeroizing<Vec<u8>>, MasterKeyError>;
}
