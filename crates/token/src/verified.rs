//! Verifying: the one way from a token to its claims. First type and signature, under a trusted key and
//! an algorithm that is expected (RFC 7515 §5.2, RFC 8725 §3.1), then every claim. No check is optional.

use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::claims::AccessTokenClaims;
use crate::expected::Expected;
use crate::key_id::KeyId;
use crate::keys::{Keys, VerifyingKey};
use crate::reading;
use crate::rejection::Rejection;
use crate::unverified::UnverifiedToken;

/// A token whose signature and claims have been checked. Only verifying makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    claims: AccessTokenClaims,
    kept: Option<Map<String, Value>>,
    kid: KeyId,
    algorithm: Algorithm,
}

impl Verified {
    /// The claims.
    pub fn claims(&self) -> &AccessTokenClaims {
        &self.claims
    }

    /// The claims, to keep.
    pub fn into_claims(self) -> AccessTokenClaims {
        self.claims
    }

    /// The value of a claim that [`Expected::keep_claim`] asked for; `None` if the token lacks it or
    /// nobody asked.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.kept.as_ref()?.get(name)
    }

    /// The claims, and those that [`Expected::keep_claim`] asked for, to keep.
    pub fn into_parts(self) -> (AccessTokenClaims, Map<String, Value>) {
        (self.claims, self.kept.unwrap_or_default())
    }

    /// The key that signed the token.
    pub fn key_id(&self) -> &KeyId {
        &self.kid
    }

    /// The algorithm that it was signed with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// Verifies `token` at `now`, in seconds since 1970-01-01 UTC.
///
/// Errors: the first check that fails, as a [`Rejection`].
pub fn verify(
    token: &str,
    keys: &Keys,
    expected: &Expected,
    now: i64,
) -> Result<Verified, Rejection> {
    UnverifiedToken::parse(token)?.verify(keys, expected, now)
}

impl UnverifiedToken<'_> {
    /// Like the function [`verify`], for a token already taken apart.
    pub fn verify(
        &self,
        keys: &Keys,
        expected: &Expected,
        now: i64,
    ) -> Result<Verified, Rejection> {
        self.check_header(expected)?;
        let key = self.check_signature(keys)?;
        let payload = base64url::decode(self.payload).ok_or(Rejection::Malformed)?;
        let (claims, kept) = reading::claims(&payload, self.token_type(), expected, now)?;
        Ok(Verified {
            claims,
            kept,
            kid: key.id().clone(),
            algorithm: self.algorithm(),
        })
    }

    /// The checks that need no key: type, `kid` and algorithm. [`UnverifiedToken::verify`] makes them
    /// again; made before, they keep a token that is refused anyway from having keys fetched for it.
    ///
    /// Errors: [`Rejection::WrongType`], [`Rejection::MissingKeyId`], [`Rejection::UnsupportedAlgorithm`].
    pub fn check_header(&self, expected: &Expected) -> Result<(), Rejection> {
        reading::check_header(self.token_type(), self.kid(), expected)?;
        if expected.algorithms().contains(&self.algorithm()) {
            Ok(())
        } else {
            Err(Rejection::UnsupportedAlgorithm)
        }
    }

    fn check_signature<'k>(&self, keys: &'k Keys) -> Result<&'k VerifyingKey, Rejection> {
        let key = keys.find(self.kid(), self.algorithm())?;
        let signature = base64url::decode(self.signature).ok_or(Rejection::Malformed)?;
        key.check(self.algorithm(), self.message.as_bytes(), &signature)?;
        Ok(key)
    }
}
