//! Roles: their definitions, and who holds them. A user's document lists the names of their roles; a
//! grant touches the role's document, so that it and a deletion of the role can't pass one another by.

use countersign_app::ports::store::{
    DefineRole, DeleteRole, RoleDefined, RoleDeleted, StoreResult,
};
use countersign_domain::description::Description;
use countersign_domain::role::Role;
use countersign_domain::standing::By;
use countersign_token::Scope;
use mongodb::bson::{Document, doc};

use crate::accounts::USERS;
use crate::change::{Change, Step, Tx};
use crate::db::Db;
use crate::error::Fault;
use crate::fields::Fields;
use crate::values::{moment, texts};
use crate::{audit, standing};

pub(crate) const ROLES: &str = "roles";

/// What a role says, without its name.
pub(crate) fn definition(role: &Role) -> Document {
    doc! {
        "description": role.description.as_str(),
        "scopes": texts(role.scopes.iter().map(Scope::as_str)),
    }
}

/// Reads a role.
pub(crate) fn role(fields: Fields<'_>) -> StoreResult<Role> {
    Ok(Role {
        name: fields.parsed("_id")?,
        description: Description::from_stored(fields.text("description")?),
        scopes: fields.scopes("scopes")?,
    })
}

/// See [`countersign_app::ports::Store::roles`].
pub(crate) async fn all(db: &Db) -> StoreResult<Vec<Role>> {
    let found = db.all(ROLES, vec![doc! {"$sort": {"_id": 1}}]).await?;
    found.iter().map(|found| role(Fields::of(found))).collect()
}

/// See [`countersign_app::ports::Store::define_role`]. Of two that create one role, the unique key
/// refuses one, which then finds it there.
impl Change for DefineRole {
    type Outcome = RoleDefined;

    fn writes_at_once(&self) -> bool {
        self.by == By::Operator
    }

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<RoleDefined>, Fault> {
        if let Some(lost) = standing::lost(tx, &self.by, self.event.at).await? {
            return Ok(Step::Leave(RoleDefined::CallerLost(lost)));
        }
        let mut writes = tx.writes();
        standing::hold(&mut writes, &self.by);
        let defined = writes.upsert(
            ROLES,
            doc! {"_id": self.role.name.as_str()},
            doc! {"$set": definition(&self.role)},
        );
        audit::add(&mut writes, &self.event);
        let written = tx.write(writes).await?;
        Ok(Step::Commit(if written.is_new(defined) {
            RoleDefined::Created
        } else {
            RoleDefined::Changed
        }))
    }
}

/// See [`countersign_app::ports::Store::delete_role`]. Who held it is a changed user. One who is being
/// granted it meanwhile is not seen here, but the grant wrote the role's document, as this does: so
/// one of the two is rolled back.
impl Change for DeleteRole {
    type Outcome = RoleDeleted;

    fn writes_at_once(&self) -> bool {
        self.by == By::Operator
    }

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<RoleDeleted>, Fault> {
        if let Some(lost) = standing::lost(tx, &self.by, self.event.at).await? {
            return Ok(Step::Leave(RoleDeleted::CallerLost(lost)));
        }
        let name = self.name.as_str();
        let mut writes = tx.writes();
        standing::hold(&mut writes, &self.by);
        let deleted = writes.delete_all(ROLES, doc! {"_id": name});
        writes.update_all(
            USERS,
            doc! {"roles": name},
            doc! {
                "$pull": {"roles": name},
                "$inc": {"version": 1_i64},
                "$set": {"updated_at": moment(self.event.at)},
            },
        );
        audit::add(&mut writes, &self.event);
        let written = tx.write(writes).await?;
        Ok(if written.found(deleted) == 0 {
            Step::Leave(RoleDeleted::NotFound)
        } else {
            Step::Commit(RoleDeleted::Deleted)
        })
    }
}
