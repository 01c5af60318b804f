//! What an access token says (RFC 9068 §2.2): who may do what, where, until when. No e-mail address
//! and no name: a token goes to every API that is called, and ends up in logs.

use serde::{Serialize, Serializer};

use crate::names::{Audience, Issuer};
use crate::scopes::Scopes;

/// The claims of an access token. Times are seconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccessTokenClaims {
    /// Who issued it.
    pub iss: Issuer,
    /// Whom it is for; at least one, save in a token of [`crate::Expected::dangerous_without_issuer`].
    /// One alone is written as a string (RFC 7519 §4.1.3).
    #[serde(serialize_with = "one_or_several")]
    pub aud: Vec<Audience>,
    /// The user, by id; for a client acting on its own, the client.
    pub sub: String,
    /// The client that asked for the token; empty if an issuer of another profile names none.
    pub client_id: String,
    /// The id of this token, used for no other; empty if an issuer of another profile gives none.
    pub jti: String,
    /// When it was issued.
    pub iat: i64,
    /// When it ends: it is invalid at this second and after.
    pub exp: i64,
    /// What its bearer may do; left out of the token if empty.
    #[serde(skip_serializing_if = "Scopes::is_empty")]
    pub scope: Scopes,
    /// The roles of the user, by name (RFC 9068 §2.2.3.1); left out of the token if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The session that the token belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// When the user last proved who they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How they did it (RFC 8176), for example `pwd`; left out of the token if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The class of assurance that this reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
}

fn one_or_several<S: Serializer>(audiences: &[Audience], serializer: S) -> Result<S::Ok, S::Error> {
    match audiences {
        [one] => one.serialize(serializer),
        several => several.serialize(serializer),
    }
}
