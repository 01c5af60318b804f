//! What a verifier insists on. Issuer, audience and algorithm are arguments of the constructor: there
//! is no default that could be forgotten (RFC 8725 §3.1, §3.8, §3.9).

use crate::algorithm::Algorithm;
use crate::names::{Audience, Issuer};

/// Leeway where none is set, in seconds.
const DEFAULT_LEEWAY: u32 = 30;
/// Most leeway that can be set, in seconds (RFC 7519 §4.1.4: "no more than a few minutes").
const MAX_LEEWAY: u32 = 300;

/// What a token must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    issuer: Issuer,
    // INVARIANT: at least one of each; the constructors take one by value.
    audiences: Vec<Audience>,
    algorithms: Vec<Algorithm>,
    leeway_seconds: u32,
}

/// Why [`Expected::any_of`] refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpectedError {
    /// The list of audiences is empty.
    #[error("name at least one audience")]
    NoAudience,
    /// The list of algorithms is empty.
    #[error("name at least one algorithm")]
    NoAlgorithm,
}

impl ExpectedError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoAudience => "no_audience",
            Self::NoAlgorithm => "no_algorithm",
        }
    }
}

impl Expected {
    /// Tokens of `issuer`, for `audience`, signed with `algorithm`; clocks may differ by 30 seconds.
    pub fn new(issuer: Issuer, audience: Audience, algorithm: Algorithm) -> Self {
        Self {
            issuer,
            audiences: vec![audience],
            algorithms: vec![algorithm],
            leeway_seconds: DEFAULT_LEEWAY,
        }
    }

    /// Like [`Expected::new`], with lists that come from a configuration.
    pub fn any_of(
        issuer: Issuer,
        audiences: Vec<Audience>,
        algorithms: Vec<Algorithm>,
    ) -> Result<Self, ExpectedError> {
        if audiences.is_empty() {
            return Err(ExpectedError::NoAudience);
        }
        if algorithms.is_empty() {
            return Err(ExpectedError::NoAlgorithm);
        }
        Ok(Self {
            issuer,
            audiences,
            algorithms,
            leeway_seconds: DEFAULT_LEEWAY,
        })
    }

    /// Also takes tokens for `audience`.
    #[must_use]
    pub fn or_audience(mut self, audience: Audience) -> Self {
        self.audiences.push(audience);
        self
    }

    /// Also takes tokens signed with `algorithm`.
    #[must_use]
    pub fn or_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithms.push(algorithm);
        self
    }

    /// How far the clocks of issuer and verifier may differ, in seconds; more than 300 counts as 300.
    #[must_use]
    pub fn with_leeway_seconds(mut self, seconds: u32) -> Self {
        self.leeway_seconds = seconds.min(MAX_LEEWAY);
        self
    }

    /// The issuer.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The audiences, at least one; a token must name one of them.
    pub fn audiences(&self) -> &[Audience] {
        &self.audiences
    }

    /// The algorithms, at least one.
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// The leeway in seconds, 0 to 300.
    pub fn leeway_seconds(&self) -> u32 {
        self.leeway_seconds
    }
}
