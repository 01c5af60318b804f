//! Signing access tokens: compact JWS (RFC 7515 §7.1) with the header of RFC 9068 §2.1. A signer refuses
//! claims that no verifier would accept, so that a fault shows where it is made.

use std::fmt;
use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::claims::AccessTokenClaims;
use crate::key_id::KeyId;
use crate::key_pair::KeyPair;
use crate::payload::MAX_TIME;
use crate::private_key::{KeyError, PrivateKey};
use crate::scopes::MAX_SCOPES;
use crate::unverified::MAX_TOKEN_BYTES;

/// Why a token is not signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// A required claim is empty, or a time is out of order or out of range.
    #[error("the claim {0} can't be signed: it is empty, or out of order")]
    InvalidClaim(&'static str),
    /// The token would have more than 8 KiB: give it fewer roles, scopes or audiences.
    #[error("the token would have more than 8 KiB: give it fewer roles, scopes or audiences")]
    TooLarge,
    /// The cryptographic library could not sign.
    #[error("the token could not be signed")]
    Failed,
}

impl SignError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidClaim(_) => "invalid_claim",
            Self::TooLarge => "token_too_large",
            Self::Failed => "signing_failed",
        }
    }
}

/// Signs with one key, parsed once. Cheap to clone and to share between threads.
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    algorithm: Algorithm,
    kid: KeyId,
    /// The header in base64url and its dot: the same for every token.
    prefix: String,
    pair: KeyPair,
}

impl Signer {
    /// A signer for `key`. Errors: [`KeyError`], if AWS-LC refuses the key.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the raw key is wiped once it is prepared"
    )]
    pub fn new(key: PrivateKey) -> Result<Self, KeyError> {
        let (algorithm, kid) = (key.algorithm(), key.key_id().clone());
        // INVARIANT: an id that this crate computed is base64url, which JSON never escapes.
        let header = format!(r#"{{"typ":"at+jwt","alg":"{algorithm}","kid":"{kid}"}}"#);
        let prefix = base64url::encode(header) + ".";
        let pair = key.key_pair()?;
        Ok(Self(Arc::new(Inner {
            algorithm,
            kid,
            prefix,
            pair,
        })))
    }

    /// The `kid` that the tokens carry.
    pub fn key_id(&self) -> &KeyId {
        &self.0.kid
    }

    /// The `alg` that the tokens carry.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// The token of these claims. Errors: [`SignError`].
    pub fn sign(&self, claims: &AccessTokenClaims) -> Result<String, SignError> {
        check(claims)?;
        let payload = serde_json::to_vec(claims).map_err(|_| SignError::Failed)?;
        let mut token = self.0.prefix.clone();
        token.push_str(&base64url::encode(payload));
        let signature = self
            .0
            .pair
            .sign(token.as_bytes())
            .map_err(|_| SignError::Failed)?;
        token.push('.');
        token.push_str(&base64url::encode(signature));
        if token.len() > MAX_TOKEN_BYTES {
            Err(SignError::TooLarge)
        } else {
            Ok(token)
        }
    }
}

fn check(claims: &AccessTokenClaims) -> Result<(), SignError> {
    let in_range = |time: i64| (0..=MAX_TIME).contains(&time);
    let optional = |text: &Option<String>| text.as_ref().is_none_or(|text| !text.is_empty());
    for (name, holds) in [
        ("aud", !claims.aud.is_empty()),
        ("sub", !claims.sub.is_empty()),
        ("client_id", !claims.client_id.is_empty()),
        ("jti", !claims.jti.is_empty()),
        ("iat", in_range(claims.iat)),
        ("exp", in_range(claims.exp) && claims.exp > claims.iat),
        ("scope", claims.scope.len() <= MAX_SCOPES),
        ("auth_time", claims.auth_time.is_none_or(in_range)),
        ("sid", optional(&claims.sid)),
        ("acr", optional(&claims.acr)),
    ] {
        if !holds {
            return Err(SignError::InvalidClaim(name));
        }
    }
    Ok(())
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("algorithm", &self.0.algorithm)
            .field("key_id", &self.0.kid)
            .finish_non_exhaustive()
    }
}
