//! The caller, once their token is verified. A `Principal` can't be made from anything else, save by a
//! constructor that says so in its name.

use std::sync::Arc;

use countersign_token::{AccessTokenClaims, Scopes, Verified};

/// Who calls, and what they may do. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal(Arc<AccessTokenClaims>);

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
        Self(Arc::new(claims))
    }

    /// The user, by id (`sub`).
    pub fn subject(&self) -> &str {
        &self.0.sub
    }

    /// The client that acts for the user (`client_id`).
    pub fn client_id(&self) -> &str {
        &self.0.client_id
    }

    /// What the caller may do (`scope`).
    pub fn scopes(&self) -> &Scopes {
        &self.0.scope
    }

    /// The roles of the user, by name. Prefer scopes: a role says who somebody is, not what they may do.
    pub fn roles(&self) -> &[String] {
        &self.0.roles
    }

    /// Whether the user has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.0.roles.iter().any(|one| one == role)
    }

    /// The session that the token belongs to (`sid`), if any.
    pub fn session_id(&self) -> Option<&str> {
        self.0.sid.as_deref()
    }

    /// The id of the token (`jti`).
    pub fn token_id(&self) -> &str {
        &self.0.jti
    }

    /// When the token ends (`exp`), in seconds since 1970-01-01 UTC.
    pub fn expires_at(&self) -> i64 {
        self.0.exp
    }

    /// When the user last proved who they are (`auth_time`), in seconds since 1970-01-01 UTC.
    pub fn auth_time(&self) -> Option<i64> {
        self.0.auth_time
    }

    /// All claims of the token.
    pub fn claims(&self) -> &AccessTokenClaims {
        &self.0
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
        Self(Arc::new(verified.into_claims()))
    }
}
