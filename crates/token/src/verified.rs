//! Verifying: the one way from a token to its claims. First the signature under a trusted key and its
//! one algorithm (RFC 7515 §5.2, RFC 8725 §3.1), then every claim (RFC 9068 §4). No check is optional.

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::claims::AccessTokenClaims;
use crate::expected::Expected;
use crate::key_id::KeyId;
use crate::keys::{Keys, VerifyingKey};
use crate::names::Audience;
use crate::payload::{self, MAX_TIME, Payload, Texts};
use crate::rejection::Rejection;
use crate::scopes::Scopes;
use crate::unverified::UnverifiedToken;

/// A token whose signature and claims have been checked. Only verifying makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    claims: AccessTokenClaims,
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
        let key = self.check_signature(keys, expected)?;
        let payload = base64url::decode(self.payload).ok_or(Rejection::Malformed)?;
        let claims = check_claims(payload::parse(&payload)?, expected, now)?;
        Ok(Verified {
            claims,
            kid: key.id().clone(),
            algorithm: key.algorithm,
        })
    }

    fn check_signature<'k>(
        &self,
        keys: &'k Keys,
        expected: &Expected,
    ) -> Result<&'k VerifyingKey, Rejection> {
        if !expected.algorithms().contains(&self.algorithm()) {
            return Err(Rejection::UnsupportedAlgorithm);
        }
        let key = keys
            .find(self.kid().as_str())
            .ok_or(Rejection::UnknownKey)?;
        if key.algorithm != self.algorithm() {
            return Err(Rejection::AlgorithmMismatch);
        }
        let signature = base64url::decode(self.signature).ok_or(Rejection::Malformed)?;
        if !key.verifies(self.message.as_bytes(), &signature) {
            return Err(Rejection::BadSignature);
        }
        Ok(key)
    }
}

fn check_claims(
    payload: Payload,
    expected: &Expected,
    now: i64,
) -> Result<AccessTokenClaims, Rejection> {
    let issuer = payload.iss.ok_or(Rejection::MissingClaim("iss"))?;
    if issuer != expected.issuer().as_str() {
        return Err(Rejection::WrongIssuer);
    }
    let audiences = check_audience(payload.aud, expected)?;

    let leeway = i64::from(expected.leeway_seconds());
    let exp = time("exp", payload.exp)?.ok_or(Rejection::MissingClaim("exp"))?;
    let iat = time("iat", payload.iat)?.ok_or(Rejection::MissingClaim("iat"))?;
    if exp <= now.saturating_sub(leeway) {
        return Err(Rejection::Expired);
    }
    let latest = now.saturating_add(leeway);
    if time("nbf", payload.nbf)?.is_some_and(|nbf| nbf > latest) {
        return Err(Rejection::NotYetValid);
    }
    if iat > latest {
        return Err(Rejection::IssuedInFuture);
    }

    let required = |name, claim| text(name, claim)?.ok_or(Rejection::MissingClaim(name));
    let scope = payload.scope.unwrap_or_default();
    Ok(AccessTokenClaims {
        iss: expected.issuer().clone(),
        aud: audiences,
        sub: required("sub", payload.sub)?,
        client_id: required("client_id", payload.client_id)?,
        jti: required("jti", payload.jti)?,
        iat,
        exp,
        scope: scope
            .parse::<Scopes>()
            .map_err(|_| Rejection::MalformedClaim("scope"))?,
        roles: payload.roles.unwrap_or_default(),
        sid: text("sid", payload.sid)?,
        auth_time: time("auth_time", payload.auth_time)?,
        amr: payload.amr.unwrap_or_default(),
        acr: text("acr", payload.acr)?,
    })
}

fn check_audience(claim: Option<Texts>, expected: &Expected) -> Result<Vec<Audience>, Rejection> {
    let Texts(names) = claim.ok_or(Rejection::MissingClaim("aud"))?;
    let ours = |name: &String| expected.audiences().iter().any(|one| one.as_str() == name);
    if !names.iter().any(ours) {
        return Err(Rejection::WrongAudience);
    }
    let audiences = names
        .into_iter()
        .map(Audience::from_string)
        .collect::<Result<_, _>>();
    audiences.map_err(|_| Rejection::MalformedClaim("aud"))
}

/// A time from 1970 to 9999, if there is one.
fn time(name: &'static str, claim: Option<i64>) -> Result<Option<i64>, Rejection> {
    match claim {
        Some(seconds) if !(0..=MAX_TIME).contains(&seconds) => Err(Rejection::MalformedClaim(name)),
        claim => Ok(claim),
    }
}

/// A text that is not empty, if there is one.
fn text(name: &'static str, claim: Option<String>) -> Result<Option<String>, Rejection> {
    match claim {
        Some(text) if text.is_empty() => Err(Rejection::MalformedClaim(name)),
        claim => Ok(claim),
    }
}
