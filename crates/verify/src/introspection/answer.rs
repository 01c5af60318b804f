//! What an introspection endpoint says of a token (RFC 7662 §2.2), and whether that is enough: the same
//! checks as for a JWT, since an issuer also calls tokens active that are for other APIs, and refresh
//! tokens.

use countersign_token::{AccessTokenClaims, Audience, Issuer, Rejection, Scopes};
use serde::Deserialize;
use serde_json::Value;

use crate::authentication::Refusal;

/// How far the clocks of issuer and API may differ, in seconds.
const LEEWAY: i64 = 30;
/// The last second of the year 9999.
const LATEST: i64 = 253_402_300_799;

/// What an API insists on.
#[derive(Clone, Debug)]
pub(super) struct Demands {
    pub(super) issuer: Issuer,
    /// Those of the API; empty for any, and for none.
    pub(super) audiences: Vec<Audience>,
    /// The clients whose tokens are taken; empty for all.
    pub(super) clients: Vec<String>,
    /// Whether the answer must say `token_type`.
    pub(super) typed: bool,
}

/// The answer as it comes.
#[derive(Deserialize)]
pub(super) struct Answer {
    active: bool,
    iss: Option<String>,
    aud: Option<OneOrSeveral>,
    sub: Option<String>,
    client_id: Option<String>,
    jti: Option<String>,
    iat: Option<i64>,
    nbf: Option<i64>,
    exp: Option<i64>,
    scope: Option<String>,
    token_type: Option<String>,
    /// `access_token` or `refresh_token`, as some issuers say it.
    token_use: Option<String>,
    /// The token is bound to a key (RFC 7800), and alone proves nothing.
    cnf: Option<Value>,
    #[serde(default)]
    roles: Vec<String>,
    sid: Option<String>,
    auth_time: Option<i64>,
    #[serde(default)]
    amr: Vec<String>,
    acr: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

impl Answer {
    /// Judges the token at `now`; `fallback_id` names it if the issuer does not.
    pub(super) fn judge(
        self,
        demands: &Demands,
        fallback_id: String,
        now: i64,
    ) -> Result<AccessTokenClaims, Refusal> {
        if self.active {
            Ok(self.claims(demands, fallback_id, now)?)
        } else {
            Err(Refusal::Inactive)
        }
    }

    fn claims(
        self,
        demands: &Demands,
        fallback_id: String,
        now: i64,
    ) -> Result<AccessTokenClaims, Rejection> {
        self.check_type(demands.typed)?;
        if self.iss.is_some_and(|iss| iss != demands.issuer.as_str()) {
            return Err(Rejection::WrongIssuer);
        }
        let audiences = audiences(self.aud, demands)?;
        let client_id = self.client_id.unwrap_or_default();
        if !demands.clients.is_empty() && !demands.clients.contains(&client_id) {
            return Err(Rejection::WrongAudience);
        }
        let exp = time("exp", self.exp)?.ok_or(Rejection::MissingClaim("exp"))?;
        if exp <= now.saturating_sub(LEEWAY) {
            return Err(Rejection::Expired);
        }
        if time("nbf", self.nbf)?.is_some_and(|nbf| nbf > now.saturating_add(LEEWAY)) {
            return Err(Rejection::NotYetValid);
        }
        // A client that acts on its own is its own subject (RFC 9068 §2.2).
        let own = Some(client_id.clone());
        let subject = self.sub.or(own).filter(|subject| !subject.is_empty());
        let scopes = self.scope.unwrap_or_default().parse::<Scopes>();
        Ok(AccessTokenClaims {
            iss: demands.issuer.clone(),
            aud: audiences,
            sub: subject.ok_or(Rejection::MissingClaim("sub"))?,
            client_id,
            jti: self.jti.filter(|id| !id.is_empty()).unwrap_or(fallback_id),
            iat: time("iat", self.iat)?.unwrap_or(now).min(now),
            exp,
            scope: scopes.map_err(|_| Rejection::MalformedClaim("scope"))?,
            roles: self.roles,
            sid: self.sid.filter(|id| !id.is_empty()),
            auth_time: time("auth_time", self.auth_time)?,
            amr: self.amr,
            acr: self.acr,
        })
    }

    /// Only what may be shown alone opens an API.
    fn check_type(&self, typed: bool) -> Result<(), Rejection> {
        let is_bearer = match &self.token_type {
            Some(name) => name.eq_ignore_ascii_case("bearer"),
            None => !typed,
        };
        let is_access = self
            .token_use
            .as_ref()
            .is_none_or(|used| used == "access_token");
        if is_bearer && is_access && self.cnf.is_none() {
            Ok(())
        } else {
            Err(Rejection::WrongType)
        }
    }
}

fn audiences(claim: Option<OneOrSeveral>, demands: &Demands) -> Result<Vec<Audience>, Rejection> {
    let names = match claim {
        Some(OneOrSeveral::One(name)) => vec![name],
        Some(OneOrSeveral::Several(names)) => names,
        None if demands.audiences.is_empty() => Vec::new(),
        None => return Err(Rejection::MissingClaim("aud")),
    };
    let ours = |name: &String| demands.audiences.iter().any(|one| one.as_str() == name);
    if !demands.audiences.is_empty() && !names.iter().any(ours) {
        return Err(Rejection::WrongAudience);
    }
    let names = names.into_iter().map(|name| name.parse());
    names
        .collect::<Result<_, _>>()
        .map_err(|_| Rejection::MalformedClaim("aud"))
}

/// A time from 1970 to 9999, if there is one.
fn time(name: &'static str, claim: Option<i64>) -> Result<Option<i64>, Rejection> {
    match claim {
        Some(seconds) if !(0..=LATEST).contains(&seconds) => Err(Rejection::MalformedClaim(name)),
        claim => Ok(claim),
    }
}
