//! Access tokens of a Cognito user pool: no `typ`, and no `aud` unless the token is bound to a resource
//! server; `token_use` tells them from ID tokens, which name their app client in `aud`.

use super::{Facts, list, optional, required, scopes};
use crate::claim_value::ClaimValue;
use crate::claims::AccessTokenClaims;
use crate::expected::Expected;
use crate::names::Audience;
use crate::payload::Payload;
use crate::rejection::Rejection;

/// The audiences in `aud`, or the app client where there is none. Looks at `token_use` first.
pub(super) fn audiences(
    payload: &mut Payload<'_>,
    expected: &Expected,
) -> Result<Vec<Audience>, Rejection> {
    if !payload
        .token_use
        .as_ref()
        .is_some_and(|token_use| token_use.is("access"))
    {
        return Err(Rejection::WrongType);
    }
    if payload.aud.is_some() {
        return super::audiences(payload.aud.take(), expected);
    }
    match &payload.client_id {
        Some(ClaimValue::Text(client)) => {
            let ours = |one: &&Audience| one.as_str() == client;
            let found = expected.audiences().iter().find(ours);
            Ok(vec![found.ok_or(Rejection::WrongAudience)?.clone()])
        }
        Some(_) => Err(Rejection::MalformedClaim("client_id")),
        None => Err(Rejection::MissingClaim("client_id")),
    }
}

pub(super) fn read(
    payload: Payload<'_>,
    facts: Facts<'_>,
    expected: &Expected,
) -> Result<AccessTokenClaims, Rejection> {
    Ok(AccessTokenClaims {
        iss: expected.issuer().clone(),
        aud: facts.audiences,
        sub: required("sub", payload.sub)?,
        client_id: required("client_id", payload.client_id)?,
        jti: required("jti", payload.jti)?,
        iat: facts.iat,
        exp: facts.exp,
        scope: scopes("scope", payload.scope)?,
        roles: list("cognito:groups", payload.cognito_groups)?,
        sid: optional("origin_jti", payload.origin_jti)?,
        auth_time: payload.auth_time,
        amr: list("amr", payload.amr)?,
        acr: optional("acr", payload.acr)?,
    })
}
