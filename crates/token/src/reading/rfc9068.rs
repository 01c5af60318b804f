//! RFC 9068 §2.2: every claim under its registered name and in its one type.

use super::{Facts, list, optional, required, scopes};
use crate::claims::AccessTokenClaims;
use crate::expected::Expected;
use crate::payload::Payload;
use crate::rejection::Rejection;

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
        roles: list("roles", payload.roles)?,
        sid: optional("sid", payload.sid)?,
        auth_time: payload.auth_time,
        amr: list("amr", payload.amr)?,
        acr: optional("acr", payload.acr)?,
    })
}
