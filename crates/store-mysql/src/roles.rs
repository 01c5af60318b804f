//! Roles: their definitions, and who holds them. Who gives a role away holds its definition, shared
//! with others who do; who deletes it holds it alone. Definitions are always held before users are.

use std::collections::HashSet;

use countersign_app::ports::store::{
    DefineRole, DeleteRole, RoleDefined, RoleDeleted, StoreResult,
};
use countersign_domain::id::UserId;
use countersign_domain::role::{Role, RoleName, RoleNames};
use countersign_domain::standing::By;
use countersign_store_rows::role;

use crate::audit;
use crate::cells::Cells;
use crate::error::Fault;
use crate::link::{Answers, Link};
use crate::sql::{Literal, Sql};
use crate::standing;

/// The stored roles by name.
pub(crate) async fn all(link: &mut Link<'_>) -> Result<Vec<Role>, Fault> {
    let sql = Sql::new(
        "SELECT name, description, scopes FROM roles ORDER BY name",
        [],
    );
    let rows = link.read(sql).await?.rows()?;
    Ok(rows
        .iter()
        .map(|row| role(&mut Cells::of(row)))
        .collect::<StoreResult<_>>()?)
}

/// See [`countersign_app::ports::Store::define_role`]. The revision tells an old row from a new one:
/// an insert that ends as an update counts as two rows, but only if it changes something.
pub(crate) async fn define(link: &mut Link<'_>, intent: &DefineRole) -> Result<RoleDefined, Fault> {
    let DefineRole { by, role, event } = intent;
    let scopes = role.scopes.to_string();
    let sql = Sql::new(
        "INSERT INTO roles (name, description, scopes, revision) VALUES (?, ?, ?, 0)
         ON DUPLICATE KEY UPDATE description = ?, scopes = ?, revision = revision + 1",
        [
            role.name.as_str().into(),
            role.description.as_str().into(),
            scopes.as_str().into(),
            role.description.as_str().into(),
            scopes.as_str().into(),
        ],
    );
    let event_line = audit::insert_sql(event)?;
    let rows = if *by == By::Operator {
        link.transaction(sql.and(event_line)).await?.changed()?
    } else {
        let rows = link.begin(sql).await?.changed()?;
        if let Some(lost) = standing::lost(link, by, event.at).await? {
            return Ok(RoleDefined::CallerLost(lost));
        }
        link.commit(event_line).await?;
        rows
    };
    Ok(if rows == 1 {
        RoleDefined::Created
    } else {
        RoleDefined::Changed
    })
}

/// Writes roles in place of those with their names, if there are any.
pub(crate) fn put_sql(roles: &[Role]) -> Sql {
    let mut sql = Sql::default();
    for role in roles {
        let text = if sql.is_empty() {
            "REPLACE INTO roles (name, description, scopes, revision) VALUES "
        } else {
            ", "
        };
        sql.add(text, []);
        sql.add(
            "(?, ?, ?, 0)",
            [
                role.name.as_str().into(),
                role.description.as_str().into(),
                role.scopes.to_string().into(),
            ],
        );
    }
    sql
}

/// See [`countersign_app::ports::Store::delete_role`]. Who held it is a changed user.
pub(crate) async fn delete(link: &mut Link<'_>, intent: &DeleteRole) -> Result<RoleDeleted, Fault> {
    let DeleteRole { by, name, event } = intent;
    let name = || Literal::from(name.as_str());
    let sql = Sql::new("DELETE FROM roles WHERE name = ?", [name()]);
    let deleted = link.begin(sql).await?.changed()?;
    if let Some(lost) = standing::lost(link, by, event.at).await? {
        return Ok(RoleDeleted::CallerLost(lost));
    }
    if deleted == 0 {
        return Ok(RoleDeleted::NotFound);
    }
    let sql = Sql::new(
        "UPDATE users u JOIN user_roles held ON held.user_id = u.id
         SET u.version = u.version + 1, u.updated_at = ? WHERE held.role = ?",
        [event.at.into(), name()],
    )
    .then("DELETE FROM user_roles WHERE role = ?", [name()])
    .and(audit::insert_sql(event)?);
    link.commit(sql).await?;
    Ok(RoleDeleted::Deleted)
}

/// Finds which of these roles are defined, and keeps them from being deleted.
pub(crate) fn lock_sql<'n>(names: impl Iterator<Item = &'n RoleName>) -> Sql {
    let mut names: Vec<_> = names.collect();
    names.sort();
    let mut sql = Sql::new("SELECT name FROM roles WHERE name IN (NULL", []);
    for name in names {
        sql.add(", ?", [name.as_str().into()]);
    }
    sql.push(") ORDER BY name LOCK IN SHARE MODE", [])
}

/// Its answer.
pub(crate) fn names_in(answers: &mut Answers) -> Result<HashSet<RoleName>, Fault> {
    let rows = answers.rows()?;
    let names = rows.iter().map(|row| Cells::of(row).parsed());
    Ok(names.collect::<StoreResult<_>>()?)
}

/// Gives users roles that they do not hold. `user` has everybody unasked. Nothing if there is
/// nothing to give.
pub(crate) fn grant_sql<'r>(grants: impl IntoIterator<Item = (UserId, &'r RoleNames)>) -> Sql {
    let mut sql = Sql::default();
    for (id, names) in grants {
        let stored = names
            .iter()
            .filter(|name| name.is_admin() || !name.is_built_in());
        for name in stored {
            let text = if sql.is_empty() {
                "INSERT INTO user_roles (user_id, role) VALUES "
            } else {
                ", "
            };
            sql.add(text, []);
            sql.add("(?, ?)", [id.into(), name.as_str().into()]);
        }
    }
    sql
}

/// Takes roles from a user. Nothing if there is nothing to take.
pub(crate) fn revoke_sql(id: UserId, names: &RoleNames) -> Sql {
    if names.is_empty() {
        return Sql::default();
    }
    let mut sql = Sql::new(
        "DELETE FROM user_roles WHERE user_id = ? AND role IN (NULL",
        [id.into()],
    );
    for name in names {
        sql.add(", ?", [name.as_str().into()]);
    }
    sql.push(")", [])
}
