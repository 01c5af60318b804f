//! The verifier: a token, or the headers of a request, to a principal. What it expects is an argument of
//! its constructor; there is no default, and none to switch off (RFC 8725 §3).

use std::fmt;
use std::sync::Arc;

use countersign_token::{Expected, UnverifiedToken};
use http::header::HeaderMap;

use crate::authentication::{Authentication, Refusal};
use crate::bearer::Bearer;
use crate::clock::{Clock, SystemClock};
use crate::key_source::KeySource;
use crate::principal::Principal;

/// Verifies access tokens. Cheap to clone; make one at start and share it.
#[derive(Clone)]
pub struct Verifier {
    expected: Arc<Expected>,
    keys: KeySource,
    clock: Arc<dyn Clock>,
}

impl Verifier {
    /// A verifier that insists on `expected`, with `keys` from a [`countersign_token::Keys`] or a
    /// `JwksSource`. Issuer, audience and algorithm can't be left out:
    ///
    /// ```compile_fail
    /// # use countersign_verify::{Expected, Keys, Verifier};
    /// let verifier = Verifier::new(Expected::default(), Keys::new());
    /// ```
    ///
    /// ```compile_fail
    /// # use countersign_verify::{Algorithm, Expected, Issuer, Keys, Verifier};
    /// # let issuer: Issuer = "https://id.example.com".parse().unwrap();
    /// let verifier = Verifier::new(Expected::new(issuer, Algorithm::Es256), Keys::new());
    /// ```
    pub fn new(expected: Expected, keys: impl Into<KeySource>) -> Self {
        Self {
            expected: Arc::new(expected),
            keys: keys.into(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Reads the time elsewhere; for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// What the verifier insists on.
    pub fn expected(&self) -> &Expected {
        &self.expected
    }

    /// Verifies a token, without `Bearer` before it.
    ///
    /// Waits only if keys have to be fetched. Errors: [`Refusal::Token`], [`Refusal::KeysUnavailable`].
    pub async fn verify(&self, token: &str) -> Result<Principal, Refusal> {
        let token = UnverifiedToken::parse(token)?;
        let now = self.clock.unix_seconds();
        // An algorithm that is refused anyway shall not cause a fetch.
        if !self.expected.algorithms().contains(&token.algorithm()) {
            return Err(countersign_token::Rejection::UnsupportedAlgorithm.into());
        }
        let keys = self.keys.keys_for(token.kid().as_str(), now).await?;
        Ok(token.verify(&keys, &self.expected, now)?.into())
    }

    /// Looks at the headers and the query (without its `?`) of a request.
    pub async fn authenticate(&self, headers: &HeaderMap, query: Option<&str>) -> Authentication {
        match Bearer::from_request(headers, query) {
            Bearer::Absent => Authentication::Absent,
            Bearer::Malformed(error) => Authentication::Invalid(error.into()),
            Bearer::Token(token) => match self.verify(token).await {
                Ok(principal) => Authentication::Valid(principal),
                Err(refusal) => Authentication::Invalid(refusal),
            },
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("expected", &self.expected)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
