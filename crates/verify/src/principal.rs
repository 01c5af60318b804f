//! The caller, once their token is verified. A `Principal` can't be made from anything else, save by a
//! constructor that says so in its name.

use std::sync::Arc;

use countersign_token::{AccessTokenClaims, Audience, Issuer, Scopes, Verified};
use serde_json::{Map, Value};

/// Who calls, and what they may do. Cheap to clone.
///
/// Only a token makes one:
///
/// ```compile_fail
/// # use countersign_verify::{AccessTokenClaims, Principal};
/// # fn example(claims: AccessTokenClaims) -> Principal {
/// Principal::from_claims(claims)
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Principal(Arc<Facts>);

#[derive(Debug, PartialEq)]
struct Facts {
    claims: AccessTokenClaims,
    kept: Map<String, Value>,
}

/// The caller lacks scopes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the caller lacks the scopes: {missing}")]
pub struct MissingScopes {
    /// All that were asked for.
    pub required: Scopes,
    /// Those that the caller lacks.
    pub missing: Scopes,
}

impl Principal {
    /// A principal that no token stands for: for tests of an API, or for callers that are proved in
    /// another way. `reason` is there to be read where the call stands.
    pub fn dangerous_from_claims(claims: AccessTokenClaims, reason: &'static str) -> Self {
        debug_assert!(!reason.is_empty(), "say why no token is needed");
        Self::of(claims, Map::new())
    }

    /// A principal of claims that an issuer vouched for in another way than by a signature.
    #[cfg(feature = "introspection")]
    pub(crate) fn from_claims(claims: AccessTokenClaims) -> Self {
        Self::of(claims, Map::new())
    }

    fn of(claims: AccessTokenClaims, kept: Map<String, Value>) -> Self {
        Self(Arc::new(Facts { claims, kept }))
    }

    /// Who issued the token (`iss`). With several issuers, a user is known by issuer and subject
    /// together: another issuer may use the same id for somebody else.
    pub fn issuer(&self) -> &Issuer {
        &self.0.claims.iss
    }

    /// The user, by id (`sub`).
    pub fn subject(&self) -> &str {
        &self.0.claims.sub
    }

    /// Whom the token is for (`aud`): at least one of them is expected.
    pub fn audiences(&self) -> &[Audience] {
        &self.0.claims.aud
    }

    /// The client that acts for the user (`client_id`); empty if an issuer of another profile names none.
    pub fn client_id(&self) -> &str {
        &self.0.claims.client_id
    }

    /// What the caller may do (`scope`).
    pub fn scopes(&self) -> &Scopes {
        &self.0.claims.scope
    }

    /// The roles of the user, by name. Prefer scopes: a role says who somebody is, not what they may do.
    pub fn roles(&self) -> &[String] {
        &self.0.claims.roles
    }

    /// Whether the user has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.0.claims.roles.iter().any(|one| one == role)
    }

    /// The session that the token belongs to (`sid`), if any.
    pub fn session_id(&self) -> Option<&str> {
        self.0.claims.sid.as_deref()
    }

    /// The id of the token (`jti`); empty if an issuer of another profile gives none.
    pub fn token_id(&self) -> &str {
        &self.0.claims.jti
    }

    /// When the token was issued (`iat`), in seconds since 1970-01-01 UTC.
    pub fn issued_at(&self) -> i64 {
        self.0.claims.iat
    }

    /// When the token ends (`exp`), in seconds since 1970-01-01 UTC.
    pub fn expires_at(&self) -> i64 {
        self.0.claims.exp
    }

    /// When the user last proved who they are (`auth_time`), in seconds since 1970-01-01 UTC.
    pub fn auth_time(&self) -> Option<i64> {
        self.0.claims.auth_time
    }

    /// All claims of the token that are known here.
    pub fn claims(&self) -> &AccessTokenClaims {
        &self.0.claims
    }

    /// A further claim, if the token has it and [`countersign_token::Expected::keep_claim`] asked for it.
    ///
    /// ```
    /// # use countersign_verify::Principal;
    /// fn tenant(caller: &Principal) -> Option<&str> {
    ///     caller.claim("org_id")?.as_str()
    /// }
    /// ```
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.kept.get(name)
    }

    /// Insists on scopes. Errors: [`MissingScopes`], which becomes a [`crate::Challenge`].
    ///
    /// ```
    /// use countersign_verify::{MissingScopes, Principal, Scope};
    ///
    /// const USERS_DELETE: Scope = Scope::from_static("users:delete");
    ///
    /// fn delete_user(caller: &Principal, id: &str) -> Result<(), MissingScopes> {
    ///     caller.require(&USERS_DELETE.into())?;
    ///     // …
    ///     Ok(())
    /// }
    /// ```
    pub fn require(&self, required: &Scopes) -> Result<(), MissingScopes> {
        let missing = required.difference(self.scopes());
        if missing.is_empty() {
            Ok(())
        } else {
            Err(MissingScopes {
                required: required.clone(),
                missing,
            })
        }
    }
}

impl From<Verified> for Principal {
    fn from(verified: Verified) -> Self {
        let (claims, kept) = verified.into_parts();
        Self::of(claims, kept)
    }
}
