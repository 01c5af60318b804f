//! Other issuers of OIDC and OAuth 2.0. They agree on issuer, audience, subject and times, and
//! on little else: the client is `client_id`, `azp`, `cid` (Okta) or `appid` (Entra), scopes are `scope`
//! or `scp`, a text or a list. The type seldom tells an access token from an ID token, so the claims must.

use super::{Facts, first, list, optional, required, roles_in, scopes_or_list};
use crate::claims::AccessTokenClaims;
use crate::expected::Expected;
use crate::header::TokenType;
use crate::payload::Payload;
use crate::rejection::Rejection;

pub(super) fn read(
    payload: Payload<'_>,
    facts: Facts<'_>,
    expected: &Expected,
) -> Result<AccessTokenClaims, Rejection> {
    if facts.token_type != TokenType::AccessToken && !is_access_token(&payload) {
        return Err(Rejection::WrongType);
    }
    let client = first([
        ("client_id", payload.client_id),
        ("azp", payload.azp),
        ("cid", payload.cid),
        ("appid", payload.appid),
    ])?;
    let scope = match payload.scope {
        Some(scope) => scopes_or_list("scope", Some(scope))?,
        None => scopes_or_list("scp", payload.scp)?,
    };
    let mut roles = match payload.roles {
        Some(roles) => roles.one_or_several("roles")?,
        None => vec![],
    }
    .into_iter()
    .map(std::borrow::Cow::into_owned)
    .collect::<Vec<_>>();
    // Keycloak's roles of the realm.
    let realm = facts.json.and_then(|json| json.get("realm_access"));
    roles.extend(roles_in(realm.and_then(|realm| realm.get("roles")))?);
    Ok(AccessTokenClaims {
        iss: expected.issuer().clone(),
        aud: facts.audiences,
        sub: required("sub", payload.sub)?,
        client_id: client.unwrap_or_default(),
        jti: optional("jti", payload.jti)?.unwrap_or_default(),
        iat: facts.iat,
        exp: facts.exp,
        scope,
        roles,
        sid: optional("sid", payload.sid)?,
        auth_time: payload.auth_time,
        amr: list("amr", payload.amr)?,
        acr: optional("acr", payload.acr)?,
    })
}

/// Whether the claims of a token without the type of RFC 9068 mark an access token, and no other kind
/// (RFC 8725 §2.8).
fn is_access_token(payload: &Payload<'_>) -> bool {
    // Keycloak says in a claim what others say in the header, and Cognito and its like in another.
    let typ = payload.typ.as_ref();
    let bearer = typ.is_some_and(|typ| typ.is("Bearer"));
    let token_use = payload.token_use.as_ref();
    let for_access = token_use.is_some_and(|token_use| token_use.is("access"));
    if (typ.is_some() && !bearer) || (token_use.is_some() && !for_access) {
        return false;
    }
    // Keycloak once put the nonce into access tokens too.
    let nonce = payload.nonce.is_some() && !bearer;
    let hashes = payload.at_hash.is_some() || payload.c_hash.is_some();
    if nonce || hashes || payload.events.is_some() {
        return false;
    }
    bearer
        || for_access
        || [
            &payload.scope,
            &payload.scp,
            &payload.permissions,
            &payload.client_id,
            &payload.cid,
            &payload.appid,
            &payload.azpacr,
        ]
        .iter()
        .any(|claim| claim.is_some())
}
