//! Opaque tokens: the issuer is asked what they mean (RFC 7662), and gives the same [`Principal`] as a JWT.
//! Which tokens are asked about is said by their form, never by what they claim; what the answer must hold
//! is in `answer`, for how long it counts in `remembered`.

mod answer;
mod client_authentication;
mod endpoint;
mod remembered;

use std::fmt::{self, Write as _};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use countersign_token::{Audience, Issuer, Rejection, token_hash};

pub use self::client_authentication::ClientAuthentication;

use self::answer::Demands;
use self::endpoint::{Dialect, Endpoint};
use self::remembered::{Limits, Remembered, TokenHash};
use crate::authentication::Refusal;
use crate::clock::{Clock, SystemClock};
use crate::fetch::SourceError;
use crate::fetch::exchange::{self, TIMEOUT};
use crate::fetch::flight::{Boarding, Flights};
use crate::principal::Principal;

/// What Countersign's personal access tokens begin with.
const PERSONAL_PREFIX: &str = "csp_";
/// Largest token that is asked about, in bytes.
const MAX_TOKEN_BYTES: usize = 4 * 1024;
/// How much is remembered, and for how long, where nothing else is said.
const LIMITS: Limits = Limits {
    entries: 10_000,
    seconds: 30,
    refusal_seconds: 10,
};

/// Asks an issuer about opaque tokens. Cheap to clone; clones share what was answered.
///
/// * The answer must be of the expected issuer and audience, of type `Bearer` and with an end, as for a JWT;
///   a token bound to a key (`cnf`) is refused, since nobody checks the binding here.
/// * Good answers are remembered for 30 seconds and never beyond the token's end, refusals for 10, by the
///   hash of the token, 10,000 of each at most. A revoked token is known for one within that time.
/// * However many requests bring one token, it is asked about once at a time.
/// * An answer has 5 seconds and 64 KiB. Without one the caller gets 503, never a way in.
#[derive(Clone)]
pub struct Introspection {
    asker: Arc<Asker>,
    prefix: Option<Arc<str>>,
    clock: Arc<dyn Clock>,
}

struct Asker {
    endpoint: Endpoint,
    demands: Demands,
    timeout: Duration,
    limits: Limits,
    remembered: RwLock<Remembered<Principal>>,
    flights: Flights<TokenHash, Verdict>,
}

/// What is told of a token.
type Verdict = Result<Principal, Refusal>;

impl Introspection {
    /// Asks the RFC 7662 endpoint at `endpoint` (`https`, or `http` on a loopback address) about tokens of
    /// `issuer` for `audience`.
    ///
    /// Errors: [`SourceError`].
    ///
    /// ```
    /// use countersign_verify::{ClientAuthentication, Introspection};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let introspection = Introspection::new(
    ///     "https://id.example.com/token/introspection",
    ///     "https://id.example.com".parse()?,
    ///     "https://api.example.com".parse()?,
    ///     ClientAuthentication::basic("my-api", "its secret, from a secret store"),
    /// )?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(
        endpoint: &str,
        issuer: Issuer,
        audience: Audience,
        client: ClientAuthentication,
    ) -> Result<Self, SourceError> {
        let dialect = Dialect::Rfc7662(client);
        Self::of(endpoint, dialect, issuer, audience)
    }

    /// Asks Countersign about its personal access tokens (`csp_…`), at `POST /v1/verify`.
    ///
    /// `audience` is that of Countersign's own API, which is its issuer unless it is configured otherwise.
    /// Errors: [`SourceError`].
    pub fn countersign(issuer: Issuer, audience: Audience) -> Result<Self, SourceError> {
        let endpoint = format!("{}/v1/verify", issuer.as_str().trim_end_matches('/'));
        let asking = Self::of(&endpoint, Dialect::Countersign, issuer, audience)?;
        Ok(asking.with_prefix(PERSONAL_PREFIX))
    }

    fn of(
        endpoint: &str,
        dialect: Dialect,
        issuer: Issuer,
        audience: Audience,
    ) -> Result<Self, SourceError> {
        let asker = Asker {
            endpoint: Endpoint::new(exchange::address(endpoint)?, dialect),
            demands: Demands {
                issuer,
                audiences: vec![audience],
                clients: Vec::new(),
                typed: true,
            },
            timeout: TIMEOUT,
            limits: LIMITS,
            remembered: RwLock::new(Remembered::within(LIMITS)),
            flights: Flights::none(),
        };
        Ok(Self {
            asker: Arc::new(asker),
            prefix: None,
            clock: Arc::new(SystemClock),
        })
    }

    /// Asks only about tokens that begin so; the others are none of this issuer's.
    #[must_use]
    pub fn with_prefix(mut self, prefix: &str) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Also takes tokens for `audience`.
    #[must_use]
    pub fn or_audience(self, audience: Audience) -> Self {
        self.changed(|asker| asker.demands.audiences.push(audience))
    }

    /// Takes tokens of these clients only (`client_id`).
    #[must_use]
    pub fn only_clients<C: Into<String>>(self, clients: impl IntoIterator<Item = C>) -> Self {
        let clients = clients.into_iter().map(Into::into).collect();
        self.changed(|asker| asker.demands.clients = clients)
    }

    /// Takes tokens for any audience or none, for an issuer that can't say for which API a token is: then
    /// a token that a user gave to one API opens all others too. `reason` says why that is no harm here.
    #[must_use]
    pub fn dangerous_without_audience(self, reason: &'static str) -> Self {
        debug_assert!(!reason.is_empty(), "say why no audience is needed");
        self.changed(|asker| asker.demands.audiences.clear())
    }

    /// Takes tokens of which the issuer does not say that they are of type `Bearer`: some say so of no
    /// token, and call refresh tokens active all the same. `reason` says why no other kind can come here.
    #[must_use]
    pub fn dangerous_without_token_type(self, reason: &'static str) -> Self {
        debug_assert!(!reason.is_empty(), "say why no type is needed");
        self.changed(|asker| asker.demands.typed = false)
    }

    /// Remembers up to `entries` good answers for `seconds`, and as many refusals for a third of that, but
    /// no longer than 10 seconds. No entries or no seconds: every request is asked about.
    #[must_use]
    pub fn with_cache(self, entries: usize, seconds: u32) -> Self {
        self.changed(|asker| {
            let seconds = i64::from(seconds);
            asker.limits = Limits {
                entries,
                seconds,
                refusal_seconds: (seconds / 3).min(LIMITS.refusal_seconds),
            };
        })
    }

    /// Waits so long for an answer, at most 5 seconds.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        self.changed(|asker| asker.timeout = timeout.min(TIMEOUT))
    }

    /// Reads the time elsewhere; for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another asker, with nothing remembered: what was answered under other demands does not count.
    fn changed(mut self, change: impl FnOnce(&mut Asker)) -> Self {
        let mut asker = Asker {
            endpoint: self.asker.endpoint.clone(),
            demands: self.asker.demands.clone(),
            timeout: self.asker.timeout,
            limits: self.asker.limits,
            remembered: RwLock::new(Remembered::within(LIMITS)),
            flights: Flights::none(),
        };
        change(&mut asker);
        asker.remembered = RwLock::new(Remembered::within(asker.limits));
        self.asker = Arc::new(asker);
        self
    }

    /// Whether a token is one to ask about: it has the prefix, if there is one, and is no JWT by its form.
    ///
    /// What has the two dots of a signed JWT or the four of an encrypted one is never asked about, whatever
    /// its header says: a JWT of an issuer that is not trusted is refused, and not shown to another one.
    pub fn takes(&self, token: &str) -> bool {
        let dots = token.bytes().filter(|byte| *byte == b'.').count();
        let prefix = self.prefix.as_deref().unwrap_or_default();
        let fits = (1..=MAX_TOKEN_BYTES).contains(&token.len());
        fits && !matches!(dots, 2 | 4) && token.starts_with(prefix)
    }

    /// Verifies an opaque token, without `Bearer` before it.
    ///
    /// Errors: [`Refusal::Inactive`], [`Refusal::IntrospectionUnavailable`], [`Refusal::Token`] for one
    /// that is active and not for this API, or that [`Introspection::takes`] does not take.
    pub async fn verify(&self, token: &str) -> Result<Principal, Refusal> {
        self.verify_at(token, self.clock.unix_seconds()).await
    }

    pub(crate) async fn verify_at(&self, token: &str, now: i64) -> Result<Principal, Refusal> {
        if !self.takes(token) {
            return Err(Rejection::Malformed.into());
        }
        let hash = token_hash(token);
        let asker = &self.asker;
        if let Some(verdict) = asker.remembered(&hash, now) {
            return verdict;
        }
        let needed = || asker.remembered(&hash, now).is_none();
        let ask = || Arc::clone(asker).ask(token.to_owned(), hash, now);
        match asker.flights.board(hash, now, needed, ask) {
            Boarding::Joined(landing) | Boarding::Started(landing) => landing
                .within(asker.timeout)
                .await
                .unwrap_or(Err(Refusal::IntrospectionUnavailable)),
            Boarding::Unneeded => asker
                .remembered(&hash, now)
                .unwrap_or(Err(Refusal::IntrospectionUnavailable)),
            Boarding::Full => Err(Refusal::IntrospectionUnavailable),
        }
    }
}

impl Asker {
    fn remembered(&self, token: &TokenHash, now: i64) -> Option<Verdict> {
        self.remembered
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .find(token, now)
    }

    async fn ask(self: Arc<Self>, token: String, hash: TokenHash, now: i64) -> Verdict {
        let answer = match self.endpoint.ask(&token, self.timeout).await {
            Ok(answer) => answer,
            Err(failure) => {
                tracing::warn!(
                    url = %self.endpoint.url(),
                    reason = failure.code(),
                    "the introspection endpoint did not answer; the token is not accepted"
                );
                return Err(Refusal::IntrospectionUnavailable);
            }
        };
        let fallback_id = hash.iter().fold(String::new(), |mut id, byte| {
            // INVARIANT: writing to a text does not fail.
            let _ = write!(id, "{byte:02x}");
            id
        });
        let judged = answer.judge(&self.demands, fallback_id, now);
        let verdict = judged.map(Principal::from_claims);
        self.remembered
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .put(hash, &verdict, now);
        verdict
    }
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("url", &self.asker.endpoint.url().as_str())
            .field("demands", &self.asker.demands)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
