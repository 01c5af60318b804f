//! Where a verifier has its keys from: a set that is given once, or one that is fetched and kept fresh.

use std::sync::Arc;

use countersign_token::Keys;

use crate::authentication::Refusal;
#[cfg(feature = "fetch")]
use crate::fetch::JwksSource;

/// The keys of a verifier. Cheap to clone; clones share what was fetched.
#[derive(Clone, Debug)]
pub struct KeySource(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Fixed(Arc<Keys>),
    #[cfg(feature = "fetch")]
    Fetched(JwksSource),
}

impl KeySource {
    /// The keys to look for `kid` in, at `now`.
    #[cfg_attr(
        not(feature = "fetch"),
        expect(clippy::unused_async, reason = "fetching waits, and is a feature")
    )]
    pub(crate) async fn keys_for(&self, kid: &str, now: i64) -> Result<Arc<Keys>, Refusal> {
        #[cfg(not(feature = "fetch"))]
        let _ = (kid, now);
        match &self.0 {
            Kind::Fixed(keys) => Ok(Arc::clone(keys)),
            #[cfg(feature = "fetch")]
            Kind::Fetched(source) => source
                .keys_for(kid, now)
                .await
                .ok_or(Refusal::KeysUnavailable),
        }
    }
}

impl From<Keys> for KeySource {
    fn from(keys: Keys) -> Self {
        Self(Kind::Fixed(Arc::new(keys)))
    }
}

#[cfg(feature = "fetch")]
impl From<JwksSource> for KeySource {
    fn from(source: JwksSource) -> Self {
        Self(Kind::Fetched(source))
    }
}
