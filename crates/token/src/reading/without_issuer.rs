//! The tokens of tutorials: a user's id under some name, `iat` and `exp`, and nobody named who issued
//! them or whom they are for. Callers get neither more nor less than is written there.

use serde_json::{Map, Value};

use super::{Facts, optional, roles_in, scopes_or_list};
use crate::claims::AccessTokenClaims;
use crate::expected::Expected;
use crate::names::Audience;
use crate::payload::Payload;
use crate::rejection::Rejection;

/// Refuses a token that does name an issuer or an audience. It has no audiences.
pub(super) fn check(payload: &Payload<'_>) -> Result<Vec<Audience>, Rejection> {
    match (&payload.iss, &payload.aud) {
        (Some(_), _) => Err(Rejection::WrongIssuer),
        (None, Some(_)) => Err(Rejection::WrongAudience),
        (None, None) => Ok(vec![]),
    }
}

pub(super) fn read(
    payload: Payload<'_>,
    facts: Facts<'_>,
    expected: &Expected,
    subject: &str,
) -> Result<AccessTokenClaims, Rejection> {
    let json = facts.json.ok_or(Rejection::Malformed)?;
    Ok(AccessTokenClaims {
        iss: expected.issuer().clone(),
        aud: facts.audiences,
        sub: user(json, subject)?,
        client_id: optional("client_id", payload.client_id)?.unwrap_or_default(),
        jti: optional("jti", payload.jti)?.unwrap_or_default(),
        iat: facts.iat,
        exp: facts.exp,
        scope: scopes_or_list("scope", payload.scope)?,
        roles: roles_in(json.get("roles"))?,
        sid: optional("sid", payload.sid)?,
        auth_time: payload.auth_time,
        amr: vec![],
        acr: None,
    })
}

/// The user's id: a text that is not empty, or a whole number, as databases count.
fn user(json: &Map<String, Value>, subject: &str) -> Result<String, Rejection> {
    match json.get(subject) {
        None => Err(Rejection::MissingClaim("sub")),
        Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
        Some(Value::Number(id)) if id.is_i64() || id.is_u64() => Ok(id.to_string()),
        Some(_) => Err(Rejection::MalformedClaim("sub")),
    }
}
