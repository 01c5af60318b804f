//! Roles: list, define, delete.

use countersign_domain::audit::Action;
use countersign_domain::role::{Role, RoleName, built_in_roles};

use super::Admin;
use crate::ports::store::RoleDefined;
use crate::{App, AppError, Origin};

/// What comes of defining a role.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleDefinition {
    /// It is new.
    Created,
    /// It was there, and is changed.
    Changed,
    /// The name belongs to a built-in role.
    BuiltIn,
    /// It would hold scopes that the administrator does not have.
    NotYours,
}

/// What comes of deleting a role.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleDeletion {
    /// It is gone, and taken from everybody who held it.
    Deleted,
    /// The name belongs to a built-in role.
    BuiltIn,
    /// There is none.
    NotFound,
}

impl App {
    /// All roles, the built-in ones first.
    pub async fn roles(&self) -> Result<Vec<Role>, AppError> {
        let mut roles = built_in_roles().to_vec();
        roles.extend(self.ports.store.roles().await?);
        Ok(roles)
    }

    /// Defines a role or changes it.
    pub async fn define_role(
        &self,
        by: Admin<'_>,
        role: Role,
        origin: &Origin,
    ) -> Result<RoleDefinition, AppError> {
        if role.name.is_built_in() {
            return Ok(RoleDefinition::BuiltIn);
        }
        if !by.covers(&role.scopes) {
            return Ok(RoleDefinition::NotYours);
        }
        let event = self
            .event(origin, by.actor(), Action::RoleDefined, None, by.session_id())
            .with("role", &role.name)
            .with("scopes", &role.scopes);
        Ok(match self.ports.store.define_role(role, event).await? {
            RoleDefined::Created => RoleDefinition::Created,
            RoleDefined::Changed => RoleDefinition::Changed,
        })
    }

    /// Deletes a role.
    pub async fn delete_role(
        &self,
        by: Admin<'_>,
        name: &RoleName,
        origin: &Origin,
    ) -> Result<RoleDeletion, AppError> {
        if name.is_built_in() {
            return Ok(RoleDeletion::BuiltIn);
        }
        let event = self
            .event(origin, by.actor(), Action::RoleDeleted, None, by.session_id())
            .with("role", name);
        let was_there = self.ports.store.delete_role(name, event).await?;
        Ok(if was_there { RoleDeletion::Deleted } else { RoleDeletion::NotFound })
    }
}
