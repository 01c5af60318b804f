//! Roles: their definitions, and who holds them. A grant holds the definition, a deletion takes it:
//! so that no role is given to somebody while it goes.

use std::collections::HashSet;

use countersign_app::ports::store::{
    DefineRole, DeleteRole, RoleDefined, RoleDeleted, StoreResult,
};
use countersign_domain::id::UserId;
use countersign_domain::role::{Role, RoleName, RoleNames};
use countersign_domain::standing::By;
use countersign_store_rows::role;

use crate::cells::Cells;
use crate::connection::{Answer, Statement, sql};
use crate::error::Fault;
use crate::pool::Lease;
use crate::{audit, standing};

/// The statement that reads the stored roles by name.
pub(crate) fn all_statement() -> Statement {
    sql!("SELECT name, description, scopes FROM roles ORDER BY name")
}

/// What [`all_statement`] found.
pub(crate) fn roles_in(answer: &Answer) -> StoreResult<Vec<Role>> {
    let rows = answer.rows.iter();
    rows.map(|row| role(&mut Cells::of(row))).collect()
}

/// See [`countersign_app::ports::Store::roles`].
pub(crate) async fn all(lease: &mut Lease) -> Result<Vec<Role>, Fault> {
    Ok(roles_in(&lease.run(all_statement()).await?)?)
}

macro_rules! put_role {
    () => {
        "INSERT INTO roles (name, description, scopes) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET description = EXCLUDED.description, \
         scopes = EXCLUDED.scopes"
    };
}

/// See [`countersign_app::ports::Store::define_role`]. One statement makes or changes it: beside a
/// deletion it waits, and then makes the role anew.
pub(crate) async fn define(lease: &mut Lease, intent: &DefineRole) -> Result<RoleDefined, Fault> {
    let DefineRole { by, role, event } = intent;
    // Only a row that was changed carries the lock it was changed under.
    let put = sql!(
        concat!(put_role!(), " RETURNING xmax = 0"),
        role.name.as_str(),
        role.description.as_str(),
        role.scopes.to_string(),
    );
    let event_line = audit::insert(event)?;
    let answers = if *by == By::Operator {
        lease.transact(vec![put, event_line]).await?
    } else {
        let answers = lease.begin(vec![put]).await?;
        if let Some(lost) = standing::lost(lease, by, event.at).await? {
            lease.roll_back().await?;
            return Ok(RoleDefined::CallerLost(lost));
        }
        lease.commit(vec![event_line]).await?;
        answers
    };
    let is_new = match answers.first().and_then(|answer| answer.rows.first()) {
        Some(row) => Cells::of(row).truth()?,
        None => false,
    };
    Ok(if is_new {
        RoleDefined::Created
    } else {
        RoleDefined::Changed
    })
}

/// The statement that writes a role, which may be there already.
pub(crate) fn put(role: &Role) -> Statement {
    sql!(
        put_role!(),
        role.name.as_str(),
        role.description.as_str(),
        role.scopes.to_string(),
    )
}

/// See [`countersign_app::ports::Store::delete_role`]. Who held it is a changed user. `begin` begins
/// a transaction that may take long: everybody may hold it.
pub(crate) async fn delete(
    lease: &mut Lease,
    begin: &str,
    intent: &DeleteRole,
) -> Result<RoleDeleted, Fault> {
    let DeleteRole { by, name, event } = intent;
    let answers = lease
        .begin_as(
            begin,
            vec![
                sql!("DELETE FROM roles WHERE name = $1", name.as_str()),
                // In an order, so that two deletions never wait for each other.
                sql!(
                    "SELECT count(*) FROM (
                         SELECT 1 FROM users
                         WHERE id IN (SELECT user_id FROM user_roles WHERE role = $1)
                         ORDER BY id FOR NO KEY UPDATE) AS locked",
                    name.as_str()
                ),
            ],
        )
        .await?;
    if let Some(lost) = standing::lost(lease, by, event.at).await? {
        lease.roll_back().await?;
        return Ok(RoleDeleted::CallerLost(lost));
    }
    if answers.first().is_none_or(|answer| answer.changed == 0) {
        lease.roll_back().await?;
        return Ok(RoleDeleted::NotFound);
    }
    lease
        .commit(vec![
            sql!(
                "UPDATE users SET version = version + 1, updated_at = $2
                 WHERE id IN (SELECT user_id FROM user_roles WHERE role = $1)",
                name.as_str(),
                event.at
            ),
            sql!("DELETE FROM user_roles WHERE role = $1", name.as_str()),
            audit::insert(event)?,
        ])
        .await?;
    Ok(RoleDeleted::Deleted)
}

/// The names that stand for stored roles: all but the built-in ones, which are code.
pub(crate) fn stored<'n>(
    names: impl IntoIterator<Item = &'n RoleName>,
) -> impl Iterator<Item = String> {
    names
        .into_iter()
        .filter(|name| !name.is_built_in())
        .map(|name| name.as_str().to_owned())
}

/// The statement that finds which of the names are defined, and keeps their definitions from being
/// deleted until the end of the transaction. It comes before the lock of a user, as in a deletion.
pub(crate) fn hold(mut names: Vec<String>) -> Statement {
    names.sort_unstable();
    sql!(
        "SELECT name FROM roles WHERE name = ANY ($1) ORDER BY name FOR KEY SHARE",
        names
    )
}

/// What [`hold`] found.
pub(crate) fn names_in(answer: Option<&Answer>) -> StoreResult<HashSet<String>> {
    let rows = answer.iter().flat_map(|answer| &answer.rows);
    rows.map(|row| Ok(Cells::of(row).text()?.to_owned()))
        .collect()
}

/// The names that a user really holds by being given them: `user` has everybody unasked.
pub(crate) fn held(names: &RoleNames) -> Vec<String> {
    names
        .iter()
        .filter(|name| name.is_admin() || !name.is_built_in())
        .map(|name| name.as_str().to_owned())
        .collect()
}

/// The statement that gives a user roles. What they hold already stays.
pub(crate) fn grant(id: UserId, names: Vec<String>) -> Statement {
    sql!(
        "INSERT INTO user_roles (user_id, role) SELECT $1, unnest($2::text[])
         ON CONFLICT DO NOTHING",
        id,
        names
    )
}

/// The statement that takes roles from a user.
pub(crate) fn revoke(id: UserId, names: &RoleNames) -> Statement {
    let names: Vec<String> = names.iter().map(|name| name.as_str().to_owned()).collect();
    sql!(
        "DELETE FROM user_roles WHERE user_id = $1 AND role = ANY ($2)",
        id,
        names
    )
}

/// The statement that takes all roles from a user.
pub(crate) fn revoke_all(id: UserId) -> Statement {
    sql!("DELETE FROM user_roles WHERE user_id = $1", id)
}
