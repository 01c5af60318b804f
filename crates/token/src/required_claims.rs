//! Claims beyond those of the profile: what a verifier insists on, what it keeps for the API, and where
//! it finds roles. Nothing is read for it unless something is asked.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::expected::Expected;
use crate::rejection::Rejection;

/// What is asked of further claims; nothing by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RequiredClaims {
    checks: Vec<(String, Check)>,
    kept: Vec<String>,
    pub(crate) roles_from: Option<String>,
}

#[derive(Clone)]
enum Check {
    Equals(Value),
    Holds(Arc<dyn Fn(&Value) -> bool + Send + Sync>),
}

impl Check {
    fn accepts(&self, value: &Value) -> bool {
        match self {
            Self::Equals(expected) => expected == value,
            Self::Holds(predicate) => predicate(value),
        }
    }
}

impl RequiredClaims {
    /// Whether the claims have to be read once more, as JSON.
    pub(crate) fn want_json(&self) -> bool {
        !self.checks.is_empty() || !self.kept.is_empty() || self.roles_from.is_some()
    }

    /// Insists on what is required. Errors: [`Rejection::UnacceptableClaim`].
    pub(crate) fn check(&self, claims: &Map<String, Value>) -> Result<(), Rejection> {
        let accepted = |(name, check): &(String, Check)| {
            claims.get(name).is_some_and(|value| check.accepts(value))
        };
        if self.checks.iter().all(accepted) {
            Ok(())
        } else {
            Err(Rejection::UnacceptableClaim)
        }
    }

    /// Those of the claims that are kept; `None` if none is.
    pub(crate) fn kept(&self, mut claims: Map<String, Value>) -> Option<Map<String, Value>> {
        if self.kept.is_empty() {
            return None;
        }
        claims.retain(|name, _| self.kept.contains(name));
        Some(claims)
    }
}

impl Expected {
    /// Insists that the claim `name` is there and has exactly this value: `org_id` of Auth0, `tid` of
    /// Entra, `email_verified` … A token without gives [`Rejection::UnacceptableClaim`].
    ///
    /// ```
    /// # use countersign_token::{Algorithm, Expected};
    /// # fn example(expected: Expected) -> Expected {
    /// expected
    ///     .require_claim("org_id", "org_0123456789")
    ///     .require_claim("email_verified", true)
    /// # }
    /// ```
    #[must_use]
    pub fn require_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        let check = Check::Equals(value.into());
        self.claims.checks.push((name.to_owned(), check));
        self
    }

    /// Insists that the claim `name` is there and that `accepts` says yes to its value.
    ///
    /// ```
    /// # use countersign_token::{Algorithm, Expected};
    /// # fn example(expected: Expected) -> Expected {
    /// // One of several groups.
    /// expected.require_claim_that("groups", |groups| {
    ///     groups.as_array().is_some_and(|groups| groups.iter().any(|group| group == "staff"))
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn require_claim_that(
        mut self,
        name: &str,
        accepts: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        let check = Check::Holds(Arc::new(accepts));
        self.claims.checks.push((name.to_owned(), check));
        self
    }

    /// Keeps the claim `name`, if the token has it, for [`crate::Verified::claim`].
    #[must_use]
    pub fn keep_claim(mut self, name: &str) -> Self {
        self.claims.kept.push(name.to_owned());
        self
    }

    /// Takes the roles from the claim `name` and from nowhere else: an array of texts, or one text, such as
    /// `https://example.com/roles`, which a rule at Auth0 adds. A token without it has no roles.
    #[must_use]
    pub fn with_roles_from(mut self, name: &str) -> Self {
        self.claims.roles_from = Some(name.to_owned());
        self
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => f.debug_tuple("Equals").field(value).finish(),
            Self::Holds(_) => f.write_str("Holds(..)"),
        }
    }
}

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Equals(one), Self::Equals(other)) => one == other,
            (Self::Holds(one), Self::Holds(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}
