//! Auth0's two dialects: its own (`typ` is `JWT`, the client in `azp`, no `jti`) and RFC 9068's.

use super::{Facts, first, list, optional, required, scopes};
use crate::claims::AccessTokenClaims;
use crate::expected::Expected;
use crate::payload::Payload;
use crate::rejection::Rejection;
use crate::scope::Scope;

pub(super) fn read(
    payload: Payload<'_>,
    facts: Facts<'_>,
    expected: &Expected,
) -> Result<AccessTokenClaims, Rejection> {
    // What an ID token has, and an access token of Auth0 has not.
    if payload.nonce.is_some() || payload.at_hash.is_some() || payload.c_hash.is_some() {
        return Err(Rejection::WrongType);
    }
    let client = first([("azp", payload.azp), ("client_id", payload.client_id)])?;
    let mut scope = scopes("scope", payload.scope)?;
    for permission in list("permissions", payload.permissions)? {
        let permission = permission.parse::<Scope>();
        scope.insert(permission.map_err(|_| Rejection::MalformedClaim("permissions"))?);
    }
    Ok(AccessTokenClaims {
        iss: expected.issuer().clone(),
        aud: facts.audiences,
        sub: required("sub", payload.sub)?,
        // An ID token of Auth0 names no client but as its audience.
        client_id: client.ok_or(Rejection::WrongType)?,
        jti: optional("jti", payload.jti)?.unwrap_or_default(),
        iat: facts.iat,
        exp: facts.exp,
        scope,
        roles: list("roles", payload.roles)?,
        sid: optional("sid", payload.sid)?,
        auth_time: payload.auth_time,
        amr: list("amr", payload.amr)?,
        acr: optional("acr", payload.acr)?,
    })
}
