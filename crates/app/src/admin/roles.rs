//! Roles: list, define, delete.

use countersign_domain::audit::Action;
use countersign_domain::role::{Role, RoleName, built_in_roles};

use super::{Admin, fits_a_token};
use crate::ports::store::{DefineRole, DeleteRole, RoleDefined, RoleDeleted};
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
    /// It holds, or would hold, scopes that the administrator does not have.
    NotYours,
    /// It would hold more scopes than fit into a token.
    TooManyScopes,
}

/// What comes of deleting a role.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleDeletion {
    /// It is gone, and taken from everybody who held it.
    Deleted,
    /// The name belongs to a built-in role.
    BuiltIn,
    /// It holds scopes that the administrator does not have.
    NotYours,
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
        if !fits_a_token(&role.scopes) {
            return Ok(RoleDefinition::TooManyScopes);
        }
        if !by.may_grant(&role.scopes) || !self.may_change(by, &role.name).await? {
            return Ok(RoleDefinition::NotYours);
        }
        let event = self
            .event(
                origin,
                by.actor(),
                Action::RoleDefined,
                None,
                by.session_id(),
            )
            .with("role", &role.name)
            .with("scopes", &role.scopes);
        let intent = DefineRole {
            by: by.word(),
            role,
            event,
        };
        Ok(match self.ports.store.define_role(intent).await? {
            RoleDefined::Created => RoleDefinition::Created,
            RoleDefined::Changed => RoleDefinition::Changed,
            RoleDefined::CallerLost(lost) => return Err(lost.into()),
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
        if !self.may_change(by, name).await? {
            return Ok(RoleDeletion::NotYours);
        }
        let event = self
            .event(
                origin,
                by.actor(),
                Action::RoleDeleted,
                None,
                by.session_id(),
            )
            .with("role", name);
        let intent = DeleteRole {
            by: by.word(),
            name: name.clone(),
            event,
        };
        Ok(match self.ports.store.delete_role(intent).await? {
            RoleDeleted::Deleted => RoleDeletion::Deleted,
            RoleDeleted::NotFound => RoleDeletion::NotFound,
            RoleDeleted::CallerLost(lost) => return Err(lost.into()),
        })
    }

    /// Whether `by` may take away what a role gives now, from everybody who has it.
    async fn may_change(&self, by: Admin<'_>, name: &RoleName) -> Result<bool, AppError> {
        let roles = self.ports.store.roles().await?;
        let now = roles.iter().find(|role| role.name == *name);
        Ok(now.is_none_or(|role| by.may_grant(&role.scopes)))
    }
}
