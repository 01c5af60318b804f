//! Roles: their definitions, and who holds them.

use countersign_app::ports::store::{
    DefineRole, DeleteRole, RoleDefined, RoleDeleted, StoreResult,
};
use countersign_domain::id::UserId;
use countersign_domain::role::{Role, RoleName, RoleNames};
use countersign_store_rows::role;
use rusqlite::{Connection, params};

use crate::cells::Cells;
use crate::error::OrStoreError;
use crate::{audit, standing};

/// The stored roles by name.
pub(crate) fn all(connection: &Connection) -> StoreResult<Vec<Role>> {
    let mut statement = connection
        .prepare_cached("SELECT name, description, scopes FROM roles ORDER BY name")
        .or_store_error()?;
    let mut rows = statement.query([]).or_store_error()?;
    let mut roles = Vec::new();
    while let Some(row) = rows.next().or_store_error()? {
        let mut cells = Cells::of(row);
        roles.push(role(&mut cells)?);
    }
    Ok(roles)
}

/// See [`countersign_app::ports::Store::define_role`].
pub(crate) fn define(connection: &Connection, intent: &DefineRole) -> StoreResult<RoleDefined> {
    let DefineRole { by, role, event } = intent;
    if let Some(lost) = standing::lost(connection, by, event.at)? {
        return Ok(RoleDefined::CallerLost(lost));
    }
    let is_new = !is_defined(connection, &role.name)?;
    put(connection, role)?;
    audit::insert(connection, event)?;
    Ok(if is_new {
        RoleDefined::Created
    } else {
        RoleDefined::Changed
    })
}

/// Writes a role in place of the one with its name, if there is one.
pub(crate) fn put(connection: &Connection, role: &Role) -> StoreResult<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO roles (name, description, scopes) VALUES (?1, ?2, ?3)",
        )
        .or_store_error()?
        .execute(params![
            role.name.as_str(),
            role.description.as_str(),
            role.scopes.to_string()
        ])
        .or_store_error()?;
    Ok(())
}

/// See [`countersign_app::ports::Store::delete_role`]. Who held it is a changed user.
pub(crate) fn delete(connection: &Connection, intent: &DeleteRole) -> StoreResult<RoleDeleted> {
    let DeleteRole { by, name, event } = intent;
    if let Some(lost) = standing::lost(connection, by, event.at)? {
        return Ok(RoleDeleted::CallerLost(lost));
    }
    let deleted = connection
        .prepare_cached("DELETE FROM roles WHERE name = ?1")
        .or_store_error()?
        .execute(params![name.as_str()])
        .or_store_error()?;
    if deleted == 0 {
        return Ok(RoleDeleted::NotFound);
    }
    connection
        .prepare_cached(
            "UPDATE users SET version = version + 1, updated_at = ?2
             WHERE id IN (SELECT user_id FROM user_roles WHERE role = ?1)",
        )
        .or_store_error()?
        .execute(params![name.as_str(), event.at.as_millis()])
        .or_store_error()?;
    connection
        .prepare_cached("DELETE FROM user_roles WHERE role = ?1")
        .or_store_error()?
        .execute(params![name.as_str()])
        .or_store_error()?;
    audit::insert(connection, event)?;
    Ok(RoleDeleted::Deleted)
}

fn is_defined(connection: &Connection, name: &RoleName) -> StoreResult<bool> {
    connection
        .prepare_cached("SELECT 1 FROM roles WHERE name = ?1")
        .and_then(|mut statement| statement.exists(params![name.as_str()]))
        .or_store_error()
}

/// The first of these roles that is neither built in nor defined.
pub(crate) fn first_unknown<'n>(
    connection: &Connection,
    names: impl IntoIterator<Item = &'n RoleName>,
) -> StoreResult<Option<RoleName>> {
    for name in names {
        if !name.is_built_in() && !is_defined(connection, name)? {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

/// Gives a user roles. What they hold already stays; `user` has everybody unasked.
pub(crate) fn grant(connection: &Connection, id: UserId, names: &RoleNames) -> StoreResult<()> {
    let mut statement = connection
        .prepare_cached("INSERT OR IGNORE INTO user_roles (user_id, role) VALUES (?1, ?2)")
        .or_store_error()?;
    for name in names
        .iter()
        .filter(|name| name.is_admin() || !name.is_built_in())
    {
        statement
            .execute(params![id.as_uuid(), name.as_str()])
            .or_store_error()?;
    }
    Ok(())
}

/// Takes roles from a user.
pub(crate) fn revoke(connection: &Connection, id: UserId, names: &RoleNames) -> StoreResult<()> {
    let mut statement = connection
        .prepare_cached("DELETE FROM user_roles WHERE user_id = ?1 AND role = ?2")
        .or_store_error()?;
    for name in names {
        statement
            .execute(params![id.as_uuid(), name.as_str()])
            .or_store_error()?;
    }
    Ok(())
}
