//! From the claims set of a token whose signature holds to the claims of an access token. What every
//! profile insists on stands here: issuer, audience, times, and the claims that the verifier asks for
//! (RFC 7519 §4.1, RFC 9068 §4). How a profile names the rest stands in its own file.

mod auth0;
mod cognito;
mod openid;
mod rfc9068;
mod without_issuer;

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::claim_value::ClaimValue;
use crate::claims::AccessTokenClaims;
use crate::expected::{Expected, Form};
use crate::header::TokenType;
use crate::json;
use crate::key_id::KeyId;
use crate::names::Audience;
use crate::payload::{self, Payload};
use crate::profile::Profile;
use crate::rejection::Rejection;
use crate::scopes::Scopes;

/// Insists on the type that the form writes, and on a `kid` where it always has one.
pub(crate) fn check_header(
    token_type: TokenType,
    kid: Option<&KeyId>,
    expected: &Expected,
) -> Result<(), Rejection> {
    use TokenType::{Absent, AccessToken, Jwt};
    let fits = match &expected.form {
        Form::Profile(Profile::Rfc9068) => matches!(token_type, AccessToken),
        Form::Profile(Profile::Auth0) => matches!(token_type, AccessToken | Jwt),
        Form::Profile(Profile::OpenId) => matches!(token_type, AccessToken | Jwt | Absent),
        Form::Profile(Profile::Cognito) | Form::WithoutIssuer(_) => {
            matches!(token_type, Jwt | Absent)
        }
    };
    if !fits {
        return Err(Rejection::WrongType);
    }
    if kid.is_none() && expected.form == Form::Profile(Profile::Rfc9068) {
        return Err(Rejection::MissingKeyId);
    }
    Ok(())
}

type Kept = Option<Map<String, Value>>;

/// The claims, and those of the others that are kept.
pub(crate) fn claims(
    json: &[u8],
    token_type: TokenType,
    expected: &Expected,
    now: i64,
) -> Result<(AccessTokenClaims, Kept), Rejection> {
    let mut payload = payload::parse(json)?;
    // Bound to a key (RFC 9449 §6, RFC 8705 §3.1): shown without its proof it proves nothing.
    if payload.cnf.is_some() {
        return Err(Rejection::WrongType);
    }
    let audiences = match &expected.form {
        Form::WithoutIssuer(_) => without_issuer::check(&payload)?,
        Form::Profile(profile) => {
            check_issuer(&payload, expected)?;
            if *profile == Profile::Cognito {
                cognito::audiences(&mut payload, expected)?
            } else {
                audiences(payload.aud.take(), expected)?
            }
        }
    };
    let (iat, exp) = check_times(&payload, expected, now)?;

    let json = if expected.claims.want_json() || payload.wants_json(expected) {
        Some(object(json)?)
    } else {
        None
    };
    let facts = Facts {
        audiences,
        iat,
        exp,
        token_type,
        json: json.as_ref(),
    };
    let mut claims = match &expected.form {
        Form::Profile(Profile::Rfc9068) => rfc9068::read(payload, facts, expected),
        Form::Profile(Profile::Auth0) => auth0::read(payload, facts, expected),
        Form::Profile(Profile::Cognito) => cognito::read(payload, facts, expected),
        Form::Profile(Profile::OpenId) => openid::read(payload, facts, expected),
        Form::WithoutIssuer(subject) => {
            without_issuer::read(payload, facts, expected, subject.as_str())
        }
    }?;
    let Some(json) = json else {
        return Ok((claims, None));
    };
    expected.claims.check(&json)?;
    if let Some(name) = &expected.claims.roles_from {
        claims.roles = roles_in(json.get(name))?;
    }
    Ok((claims, expected.claims.kept(json)))
}

/// What has been found out before a profile reads the rest.
struct Facts<'a> {
    audiences: Vec<Audience>,
    iat: i64,
    exp: i64,
    token_type: TokenType,
    /// All claims as JSON, if something asks for it.
    json: Option<&'a Map<String, Value>>,
}

impl Payload<'_> {
    /// Whether a profile needs claims that only JSON can hold.
    fn wants_json(&self, expected: &Expected) -> bool {
        match &expected.form {
            Form::Profile(Profile::OpenId) => self.realm_access.is_some(),
            Form::Profile(_) => false,
            Form::WithoutIssuer(_) => true,
        }
    }
}

fn object(json: &[u8]) -> Result<Map<String, Value>, Rejection> {
    match json::parse(json)? {
        Value::Object(object) => Ok(object),
        _ => Err(Rejection::Malformed),
    }
}

fn check_issuer(payload: &Payload<'_>, expected: &Expected) -> Result<(), Rejection> {
    match &payload.iss {
        Some(ClaimValue::Text(issuer)) if issuer == expected.issuer().as_str() => Ok(()),
        Some(ClaimValue::Text(_)) => Err(Rejection::WrongIssuer),
        Some(_) => Err(Rejection::MalformedClaim("iss")),
        None => Err(Rejection::MissingClaim("iss")),
    }
}

/// All audiences of a token, of which one at least must be expected.
fn audiences(
    claim: Option<ClaimValue<'_>>,
    expected: &Expected,
) -> Result<Vec<Audience>, Rejection> {
    let claim = claim.ok_or(Rejection::MissingClaim("aud"))?;
    let names = claim.one_or_several("aud")?;
    let ours = |name: &Cow<'_, str>| expected.audiences().iter().any(|one| one.as_str() == name);
    if !names.iter().any(ours) {
        return Err(Rejection::WrongAudience);
    }
    names
        .into_iter()
        .map(|name| Audience::from_string(name.into_owned()))
        .collect::<Result<_, _>>()
        .map_err(|_| Rejection::MalformedClaim("aud"))
}

/// `iat` and `exp`, if the token is alive.
fn check_times(
    payload: &Payload<'_>,
    expected: &Expected,
    now: i64,
) -> Result<(i64, i64), Rejection> {
    let leeway = i64::from(expected.leeway_seconds());
    let exp = payload.exp.ok_or(Rejection::MissingClaim("exp"))?;
    let iat = payload.iat.ok_or(Rejection::MissingClaim("iat"))?;
    let earliest = now.saturating_sub(leeway);
    let too_old = |age: u32| iat.saturating_add(i64::from(age)) <= earliest;
    if exp <= earliest || expected.max_age_seconds().is_some_and(too_old) {
        return Err(Rejection::Expired);
    }
    let latest = now.saturating_add(leeway);
    if payload.nbf.is_some_and(|nbf| nbf > latest) {
        return Err(Rejection::NotYetValid);
    }
    if iat > latest {
        return Err(Rejection::IssuedInFuture);
    }
    Ok((iat, exp))
}

/// A text that must be there and not be empty.
fn required(name: &'static str, claim: Option<ClaimValue<'_>>) -> Result<String, Rejection> {
    optional(name, claim)?.ok_or(Rejection::MissingClaim(name))
}

/// A text that is not empty, if it is there.
fn optional(
    name: &'static str,
    claim: Option<ClaimValue<'_>>,
) -> Result<Option<String>, Rejection> {
    claim
        .map(|claim| claim.text(name).map(Cow::into_owned))
        .transpose()
}

/// The first of these texts that is there.
fn first<'a>(
    claims: impl IntoIterator<Item = (&'static str, Option<ClaimValue<'a>>)>,
) -> Result<Option<String>, Rejection> {
    let found = claims.into_iter().find(|(_, claim)| claim.is_some());
    found.map_or(Ok(None), |(name, claim)| optional(name, claim))
}

/// A list of texts; empty if it is not there.
fn list(name: &'static str, claim: Option<ClaimValue<'_>>) -> Result<Vec<String>, Rejection> {
    let texts = claim.map(|claim| claim.list(name)).transpose()?;
    Ok(texts
        .unwrap_or_default()
        .into_iter()
        .map(Cow::into_owned)
        .collect())
}

/// Scopes in one text (RFC 8693 §4.2); none if it is not there.
fn scopes(name: &'static str, claim: Option<ClaimValue<'_>>) -> Result<Scopes, Rejection> {
    match claim {
        None => Ok(Scopes::new()),
        Some(ClaimValue::Text(list)) => list.parse().map_err(|_| Rejection::MalformedClaim(name)),
        Some(_) => Err(Rejection::MalformedClaim(name)),
    }
}

/// Scopes in one text, or in a list with one scope an item.
fn scopes_or_list(name: &'static str, claim: Option<ClaimValue<'_>>) -> Result<Scopes, Rejection> {
    match claim {
        Some(ClaimValue::List(list)) => {
            let scopes = list.iter().map(|scope| scope.parse());
            scopes
                .collect::<Result<_, _>>()
                .map_err(|_| Rejection::MalformedClaim(name))
        }
        claim => scopes(name, claim),
    }
}

/// Roles in a value of any claim: a list of texts or one text; none if it is not there.
fn roles_in(value: Option<&Value>) -> Result<Vec<String>, Rejection> {
    let malformed = Rejection::MalformedClaim("roles");
    match value {
        None => Ok(vec![]),
        Some(Value::String(role)) => Ok(vec![role.clone()]),
        Some(Value::Array(roles)) => roles
            .iter()
            .map(|role| role.as_str().map(str::to_owned).ok_or(malformed))
            .collect(),
        Some(_) => Err(malformed),
    }
}
