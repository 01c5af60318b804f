//! The keys of an issuer, fetched from its `jwks_uri` and kept fresh (RFC 7517 §5, RFC 8414 §2). What to
//! do and when is decided in `cache`; here it is done, by one request at a time.

mod cache;
mod lifetime;
mod request;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use countersign_token::{JwkSet, KeyError, Keys};
use reqwest::Url;
use tokio::sync::Mutex;

use self::cache::{Cache, Need};
pub use self::request::SourceError;
use self::request::{Endpoint, Failure};

/// The key set of an issuer, fetched over HTTPS. Cheap to clone; clones share what was fetched.
///
/// * Kept as long as `Cache-Control: max-age` says, within 1 minute and 1 hour; 10 minutes where it says
///   nothing.
/// * However many requests wait for keys, one fetch is under way.
/// * A token with an unknown `kid` causes a fetch, at most every 30 seconds however many such tokens come.
/// * While the issuer does not answer, known keys serve for 24 hours more, and attempts become rarer: after
///   1, 2, 4, … up to 64 seconds.
/// * An answer has 5 seconds and 64 KiB; redirects are not followed.
#[derive(Clone)]
pub struct JwksSource(Arc<Source>);

struct Source {
    endpoint: Endpoint,
    cache: RwLock<Cache>,
    /// Held by whoever fetches.
    flight: Arc<Mutex<()>>,
}

impl JwksSource {
    /// The key set at `url`: `https`, or `http` on a loopback address. Nothing is fetched yet.
    ///
    /// Errors: [`SourceError`].
    pub fn new(url: &str) -> Result<Self, SourceError> {
        let url = Url::parse(url).map_err(|_| SourceError::InvalidUrl)?;
        if url.scheme() == "https" || (url.scheme() == "http" && request::is_loopback(&url)) {
            Self::at(url)
        } else {
            Err(SourceError::NotHttps)
        }
    }

    /// Like [`JwksSource::new`], over `http` to any host. Whoever can change what comes over the wire can
    /// then make tokens, so the wire itself has to be protected; `reason` says how.
    pub fn dangerous_over_plain_http(url: &str, reason: &'static str) -> Result<Self, SourceError> {
        debug_assert!(!reason.is_empty(), "say what protects the connection");
        let url = Url::parse(url).map_err(|_| SourceError::InvalidUrl)?;
        if matches!(url.scheme(), "http" | "https") {
            Self::at(url)
        } else {
            Err(SourceError::InvalidUrl)
        }
    }

    fn at(url: Url) -> Result<Self, SourceError> {
        Ok(Self(Arc::new(Source {
            endpoint: Endpoint::new(url)?,
            cache: RwLock::new(Cache::empty()),
            flight: Arc::new(Mutex::new(())),
        })))
    }

    /// Starts with a set that was shipped with the program, so that starting needs no network. It counts
    /// as fetched when it is first used, and serves for as long as no fetch succeeds.
    ///
    /// Errors: [`KeyError`], if a key of the set is unusable.
    pub fn with_bundled(self, set: &JwkSet) -> Result<Self, KeyError> {
        let keys = Keys::from_jwk_set(set)?;
        self.0.change(|cache| cache.bundle(Arc::new(keys)));
        Ok(self)
    }

    /// The keys to look for `kid` in; `None` if that can't be told because the issuer does not answer.
    pub(crate) async fn keys_for(&self, kid: &str, now: i64) -> Option<Arc<Keys>> {
        let guard = match self.0.need(kid, now) {
            Need::Nothing(keys) => return Some(keys),
            Need::Unavailable => return None,
            Need::Refresh { meanwhile: None } => Arc::clone(&self.0.flight).lock_owned().await,
            Need::Refresh {
                meanwhile: Some(keys),
            } => {
                match Arc::clone(&self.0.flight).try_lock_owned() {
                    Ok(guard) => guard,
                    // Somebody else is fetching: no reason to wait for what we have.
                    Err(_) => return Some(keys),
                }
            }
        };
        // Whoever held the lock before may have fetched what is needed.
        if matches!(self.0.need(kid, now), Need::Refresh { .. }) {
            let source = Arc::clone(&self.0);
            // In a task of its own: it ends even if the request that caused it goes away, so that
            // callers who hang up can't cause fetch after fetch.
            let fetching = tokio::spawn(async move {
                source.refresh(now).await;
                drop(guard);
            });
            let _ = fetching.await;
        }
        match self.0.need(kid, now) {
            Need::Nothing(keys) => Some(keys),
            Need::Refresh { meanwhile } => meanwhile,
            Need::Unavailable => None,
        }
    }
}

impl Source {
    fn need(&self, kid: &str, now: i64) -> Need {
        self.cache
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .need(kid, now)
    }

    fn change(&self, change: impl FnOnce(&mut Cache)) {
        change(&mut self.cache.write().unwrap_or_else(PoisonError::into_inner));
    }

    async fn refresh(&self, now: i64) {
        match self.endpoint.fetch().await {
            Ok((keys, lifetime)) => {
                self.change(|cache| cache.succeeded(Arc::new(keys), lifetime, now));
            }
            Err(failure) => {
                self.report(failure);
                self.change(|cache| cache.failed(now));
            }
        }
    }

    fn report(&self, failure: Failure) {
        tracing::warn!(
            url = %self.endpoint.url(),
            reason = failure.code(),
            "the issuer's key set could not be fetched; known keys go on serving"
        );
    }
}

impl fmt::Debug for JwksSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksSource")
            .field("url", &self.0.endpoint.url().as_str())
            .finish_non_exhaustive()
    }
}
