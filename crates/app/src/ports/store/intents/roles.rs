//! Roles: defined and deleted.

use countersign_domain::audit::AuditEvent;
use countersign_domain::role::{Role, RoleName};
use countersign_domain::standing::{By, Lost};

/// See [`Store::define_role`](crate::ports::Store::define_role).
#[derive(Clone, Debug)]
pub struct DefineRole {
    /// On whose word.
    pub by: By,
    /// The role.
    pub role: Role,
    /// The event; its moment is the moment of the change.
    pub event: AuditEvent,
}

/// See [`Store::define_role`](crate::ports::Store::define_role).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleDefined {
    /// There was none with this name.
    Created,
    /// There was one, and it is changed.
    Changed,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}

/// See [`Store::delete_role`](crate::ports::Store::delete_role).
#[derive(Clone, Debug)]
pub struct DeleteRole {
    /// On whose word.
    pub by: By,
    /// The role's name.
    pub name: RoleName,
    /// The event; its moment is the moment of the change.
    pub event: AuditEvent,
}

/// See [`Store::delete_role`](crate::ports::Store::delete_role).
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleDeleted {
    /// It is gone, and nobody holds it.
    Deleted,
    /// There is none with this name.
    NotFound,
    /// The caller lost what their word rested on.
    CallerLost(Lost),
}
