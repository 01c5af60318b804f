//! How issuers write their access tokens. RFC 9068 is how Countersign does; others came before it and
//! differ in type, audience and the names of claims. A profile is chosen where the verifier is made,
//! never guessed from a token (RFC 8725 §3.12).

use std::fmt;
use std::str::FromStr;

use crate::names::InvalidName;

/// Whose way of writing access tokens.
///
/// ```
/// use countersign_token::Profile;
///
/// assert_eq!("cognito".parse(), Ok(Profile::Cognito));
/// assert_eq!("countersign".parse(), Ok(Profile::Rfc9068));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// RFC 9068, as Countersign writes them: `rfc9068`, or `countersign`. The type must be `at+jwt`,
    /// `kid` and all claims that §2.2 requires must be there.
    Rfc9068,
    /// Auth0, in both of its dialects: `auth0`. The type is `JWT` or `at+jwt`, the client stands in
    /// `azp` or `client_id`; `permissions` count as scopes, which Auth0 puts there only if the
    /// API's settings say so.
    Auth0,
    /// Access tokens of an Amazon Cognito user pool: `cognito`. `token_use` must be `access`. Without
    /// `aud`, an audience is the id of an app client, compared with `client_id`, as the JWT authorizers
    /// of API Gateway do. `cognito:groups` are the roles, `origin_jti` is the session.
    Cognito,
    /// Any other issuer of OIDC or OAuth 2.0, such as Keycloak, Okta or Entra: `openid`. The type
    /// is `at+jwt`, `JWT` or absent. Without `at+jwt` something else must mark an access token
    /// (`scope`, `scp`, `permissions`, `client_id`, `cid`, `appid`, `azpacr`, `token_use` or Keycloak's
    /// `typ`), and nothing may mark another kind of token (`at_hash`, `c_hash`, `nonce`, `events`).
    OpenId,
}

impl Profile {
    /// Every profile, for tables and help texts.
    pub const ALL: [Self; 4] = [Self::Rfc9068, Self::Auth0, Self::Cognito, Self::OpenId];

    /// The name, as it stands in a configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rfc9068 => "rfc9068",
            Self::Auth0 => "auth0",
            Self::Cognito => "cognito",
            Self::OpenId => "openid",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        if name == "countersign" {
            return Ok(Self::Rfc9068);
        }
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == name)
            .ok_or(InvalidName::Profile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_alike() {
        for profile in Profile::ALL {
            assert_eq!(profile.to_string().parse(), Ok(profile));
        }
        for bad in ["", "Auth0", "oidc", "okta"] {
            assert_eq!(bad.parse::<Profile>(), Err(InvalidName::Profile));
        }
    }
}
