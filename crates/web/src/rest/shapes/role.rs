//! The JSON form of roles.

use countersign_domain::role;
use serde::Serialize;
use utoipa::ToSchema;

/// A role: a named bag of scopes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Role {
    /// Its unique name.
    #[schema(example = "editor")]
    name: String,
    /// What it is for.
    #[schema(example = "Edits posts")]
    description: String,
    /// What it lets its holders do.
    #[schema(example = "posts:read posts:write")]
    scope: String,
    /// Whether it exists in every instance and can't be changed.
    built_in: bool,
}

/// All roles, the built-in ones first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Roles {
    /// The roles.
    roles: Vec<Role>,
}

impl From<&role::Role> for Role {
    fn from(role: &role::Role) -> Self {
        Self {
            name: role.name.to_string(),
            description: role.description.to_string(),
            scope: role.scopes.to_string(),
            built_in: role.name.is_built_in(),
        }
    }
}

impl Roles {
    pub(crate) fn new(roles: &[role::Role]) -> Self {
        Self {
            roles: roles.iter().map(Into::into).collect(),
        }
    }
}
