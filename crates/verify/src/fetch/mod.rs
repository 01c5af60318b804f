//! The keys of an issuer, fetched from its `jwks_uri` and kept fresh (RFC 7517 §5, RFC 8414 §2). What to
//! do and when is decided in `cache`; here it is done, by one request at a time.

mod cache;
pub(crate) mod exchange;
pub(crate) mod flight;
mod lifetime;
mod request;

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use countersign_token::{Issuer, JwkSet, KeyError, Keys};
use reqwest::Url;

use self::cache::{Cache, Need};
pub use self::exchange::SourceError;
use self::exchange::{Failure, TIMEOUT};
use self::flight::{Boarding, Flights};
use self::request::{Endpoint, Metadata};

/// How long a caller whose key is known waits for fresher ones.
const PATIENCE: Duration = Duration::from_secs(1);

/// The key set of an issuer, fetched over HTTPS. Cheap to clone; clones share what was fetched.
///
/// * Kept as long as `Cache-Control: max-age` says, within 1 minute and 1 hour; 10 minutes where it says
///   nothing.
/// * However many requests wait for keys, one fetch is under way. Whoever has their key waits for it one
///   second at most; one frozen midway is replaced after 11 seconds.
/// * A token with an unknown `kid` causes a fetch, at most every 30 seconds however many such tokens come.
/// * At most 10 fetches a minute for whatever reason, or as many as
///   [`JwksSource::with_requests_per_minute`] says.
/// * While the issuer does not answer, known keys serve for 24 hours more, and attempts become rarer: after
///   1, 2, 4, … up to 64 seconds.
/// * An answer has 5 seconds and 64 KiB; redirects are not followed.
#[derive(Clone)]
pub struct JwksSource(Arc<Source>);

struct Source {
    endpoint: Endpoint,
    cache: RwLock<Cache>,
    flights: Flights<(), ()>,
}

impl JwksSource {
    /// The key set at `url`: `https`, or `http` on a loopback address. Nothing is fetched yet.
    ///
    /// Errors: [`SourceError`].
    pub fn new(url: &str) -> Result<Self, SourceError> {
        Ok(Self::at(Endpoint::at(exchange::address(url)?)))
    }

    /// The key set that the metadata of `issuer` names: `/.well-known/openid-configuration` below it
    /// (OpenID Connect Discovery 1.0 §4). Nothing is fetched yet.
    ///
    /// The metadata must name exactly this issuer, and an address under the same rule as
    /// [`JwksSource::new`]. It is read again when the address fails, and once a day. Errors: [`SourceError`].
    ///
    /// ```
    /// use countersign_verify::JwksSource;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = JwksSource::discover(&"https://example.eu.auth0.com/".parse()?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn discover(issuer: &Issuer) -> Result<Self, SourceError> {
        Ok(Self::at(Endpoint::of(issuer, Metadata::OpenId)?))
    }

    /// Like [`JwksSource::discover`], by `/.well-known/oauth-authorization-server` (RFC 8414 §3), which is
    /// what Countersign itself publishes.
    pub fn discover_oauth(issuer: &Issuer) -> Result<Self, SourceError> {
        Ok(Self::at(Endpoint::of(issuer, Metadata::OAuth)?))
    }

    /// Like [`JwksSource::new`], over `http` to any host. Whoever can change what comes over the wire can
    /// then make tokens, so the wire itself has to be protected; `reason` says how.
    pub fn dangerous_over_plain_http(url: &str, reason: &'static str) -> Result<Self, SourceError> {
        debug_assert!(!reason.is_empty(), "say what protects the connection");
        let url = Url::parse(url).map_err(|_| SourceError::InvalidUrl)?;
        if matches!(url.scheme(), "http" | "https") {
            Ok(Self::at(Endpoint::at(url)))
        } else {
            Err(SourceError::InvalidUrl)
        }
    }

    fn at(endpoint: Endpoint) -> Self {
        Self(Arc::new(Source {
            endpoint,
            cache: RwLock::new(Cache::empty()),
            flights: Flights::none(),
        }))
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

    /// Fetches at most this often in any 60 seconds, whatever tokens come; 10 if nothing is said. What
    /// `jwksRequestsPerMinute` is to Node's `jwks-rsa`.
    ///
    /// Beyond it, known keys serve and a token with an unknown key is refused.
    #[must_use]
    pub fn with_requests_per_minute(self, most: NonZeroU32) -> Self {
        self.0.change(|cache| cache.limit(most));
        self
    }

    /// The keys to look for `kid` in; `None` if that can't be told because the issuer does not answer.
    pub(crate) async fn keys_for(&self, kid: Option<&str>, now: i64) -> Option<Arc<Keys>> {
        let meanwhile = match self.0.need(kid, now) {
            Need::Nothing(keys) => return Some(keys),
            Need::Unavailable => return None,
            Need::Refresh { meanwhile } => meanwhile,
        };
        let needed = || matches!(self.0.need(kid, now), Need::Refresh { .. });
        let fetch = || Arc::clone(&self.0).refresh(now);
        match (self.0.flights.board((), now, needed, fetch), meanwhile) {
            // Somebody else is fetching: no reason to wait for what we have.
            (Boarding::Joined(_), Some(keys)) => return Some(keys),
            (Boarding::Started(landing), Some(keys)) => {
                landing.within(PATIENCE).await;
                // Late or in vain: it was good a moment ago.
                if let Need::Refresh { .. } | Need::Unavailable = self.0.need(kid, now) {
                    return Some(keys);
                }
            }
            (Boarding::Joined(landing) | Boarding::Started(landing), None) => {
                landing.within(TIMEOUT * 2).await;
            }
            (Boarding::Unneeded | Boarding::Full, _) => {}
        }
        match self.0.need(kid, now) {
            Need::Nothing(keys) => Some(keys),
            Need::Refresh { meanwhile } => meanwhile,
            Need::Unavailable => None,
        }
    }
}

impl Source {
    fn need(&self, kid: Option<&str>, now: i64) -> Need {
        self.cache
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .need(kid, now)
    }

    fn change(&self, change: impl FnOnce(&mut Cache)) {
        change(&mut self.cache.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// A fetch that begins now, whenever it is polled.
    fn refresh(self: Arc<Self>, now: i64) -> impl Future<Output = ()> {
        self.change(|cache| cache.began(now));
        async move {
            match self.endpoint.fetch(now).await {
                Ok((keys, lifetime)) => {
                    self.change(|cache| cache.succeeded(Arc::new(keys), lifetime, now));
                }
                Err(failure) => {
                    self.report(failure);
                    self.change(|cache| cache.failed(now));
                }
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
