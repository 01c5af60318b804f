//! Changes of the roles: all copies at once, if nobody else changed them since they were read; and
//! what is left to clean up of a role that was deleted.

use countersign_app::ports::store::{
    DefineRole, DeleteRole, RoleDefined, RoleDeleted, StoreResult,
};
use countersign_domain::audit::AuditEvent;
use countersign_domain::id::UserId;
use countersign_domain::role::{Role, RoleName};

use super::Roles;
use crate::DynamoDbStore;
use crate::cells::n;
use crate::layout::{self, Key, ROLES_COPIES};
use crate::requests::{Range, Write};
use crate::service::{Pause, Service};
use crate::together::together;
use crate::transaction::{About, Transaction};
use crate::{audit, user_rows};

/// How many holders are cleaned up at once.
const AT_ONCE: usize = 8;

impl DynamoDbStore {
    /// See [`countersign_app::ports::Store::define_role`].
    pub async fn replace_role(&self, intent: &DefineRole) -> StoreResult<RoleDefined> {
        let mut pause = Pause::default();
        loop {
            let mut roles = self.service.stored_roles().await?;
            let held = match self.standing(&intent.by, intent.event.at).await? {
                Ok(held) => held,
                Err(lost) => return Ok(RoleDefined::CallerLost(lost)),
            };
            let is_known = roles.put(intent.role.clone());
            let mut change = self.service.roles_change(roles)?;
            held.guard(&mut change, None)?;
            audit::insert(&mut change, &intent.event)?;
            if self.service.commit(change).await?.is_done() {
                return Ok(if is_known {
                    RoleDefined::Changed
                } else {
                    RoleDefined::Created
                });
            }
            pause.wait().await;
        }
    }

    /// See [`countersign_app::ports::Store::delete_role`]. When the transaction is committed nobody
    /// has the role; that its former holders are cleaned up afterwards changes nothing that counts.
    pub async fn remove_role(&self, intent: &DeleteRole) -> StoreResult<RoleDeleted> {
        let DeleteRole { by, name, event } = intent;
        let mut pause = Pause::default();
        let generation = loop {
            let mut roles = self.service.stored_roles().await?;
            let held = match self.standing(by, event.at).await? {
                Ok(held) => held,
                Err(lost) => return Ok(RoleDeleted::CallerLost(lost)),
            };
            let Some((generation, _)) = roles.defined.remove(name) else {
                return Ok(RoleDeleted::NotFound);
            };
            roles.dead.push((name.clone(), generation));
            let mut change = self.service.roles_change(roles)?;
            held.guard(&mut change, None)?;
            audit::insert(&mut change, event)?;
            if self.service.commit(change).await?.is_done() {
                break generation;
            }
            pause.wait().await;
        };
        let cleaning = self.service.clean_up_holders(name, generation, event);
        if let Err(error) = cleaning.await {
            tracing::info!(%error, "the holders of a deleted role will be cleaned up later");
        }
        Ok(RoleDeleted::Deleted)
    }
}

impl Roles {
    /// Defines a role; tells whether there was one with its name.
    fn put(&mut self, role: Role) -> bool {
        let known = self
            .defined
            .get(&role.name)
            .map(|(generation, _)| *generation);
        let generation = known.unwrap_or(self.next + 1);
        self.next = self.next.max(generation);
        self.defined.insert(role.name.clone(), (generation, role));
        known.is_some()
    }
}

impl Service {
    /// Replaces all copies if nobody else did since these roles were read.
    fn roles_change(&self, mut roles: Roles) -> StoreResult<Transaction> {
        let before = roles.rev;
        roles.rev += 1;
        let mut change = self.transaction();
        for copy in 0..ROLES_COPIES {
            let item = roles.item(copy);
            if before == 0 {
                change.put_if(About::Other, item, "attribute_not_exists(#pk)", Vec::new())?;
            } else {
                change.put_if(About::Other, item, "#rev = :rev", vec![(":rev", n(before))])?;
            }
        }
        Ok(change)
    }

    /// Puts roles where they belong, for a copy of a database.
    pub async fn put_roles(&self, new: Vec<Role>) -> StoreResult<()> {
        let mut pause = Pause::default();
        loop {
            let mut roles = self.stored_roles().await?;
            for role in &new {
                roles.put(role.clone());
            }
            if self.commit(self.roles_change(roles)?).await?.is_done() {
                return Ok(());
            }
            pause.wait().await;
        }
    }

    /// Finishes what a deletion of a role left over.
    pub async fn clean_up_dead_roles(&self, event: &AuditEvent) -> StoreResult<()> {
        for (name, generation) in self.stored_roles().await?.dead {
            self.clean_up_holders(&name, generation, event).await?;
        }
        Ok(())
    }

    async fn clean_up_holders(
        &self,
        name: &RoleName,
        generation: u64,
        event: &AuditEvent,
    ) -> StoreResult<()> {
        loop {
            let range = Range {
                partition: layout::holders(name.as_str(), generation),
                limit: Some(100),
                ..Range::default()
            };
            let holders = self.range(&range).await?;
            if holders.is_empty() {
                break;
            }
            let mut cleaning = Vec::with_capacity(holders.len());
            for item in &holders {
                if let Some(id) = Key::of(item).and_then(|key| key.id()) {
                    cleaning.push(self.drop_role(UserId::from_uuid(id), name, generation, event));
                }
            }
            together(cleaning, AT_ONCE).await?;
        }
        let mut pause = Pause::default();
        loop {
            let mut roles = self.stored_roles().await?;
            let count = roles.dead.len();
            roles
                .dead
                .retain(|(one, g)| (one, *g) != (name, generation));
            if roles.dead.len() == count || self.commit(self.roles_change(roles)?).await?.is_done()
            {
                return Ok(());
            }
            pause.wait().await;
        }
    }

    /// Takes a role that means nothing any more from one user, who is thereby changed.
    async fn drop_role(
        &self,
        id: UserId,
        name: &RoleName,
        generation: u64,
        event: &AuditEvent,
    ) -> StoreResult<()> {
        let mut pause = Pause::default();
        loop {
            let item = self.item(&layout::user(id)).await?;
            let row = item.as_ref().map(user_rows::read).transpose()?;
            let holder = layout::holder(name.as_str(), generation, id);
            let Some(old) = row.filter(|row| row.held.get(name) == Some(&generation)) else {
                return self.write_all(&[Write::Delete(holder)]).await;
            };
            let mut new = old.clone();
            new.held.remove(name);
            new.user.version = new.user.version.saturating_add(1);
            new.user.updated_at = event.at;
            let mut change = self.transaction();
            user_rows::replace(&mut change, Some(&old), &new)?;
            if self.commit(change).await?.is_done() {
                return Ok(());
            }
            pause.wait().await;
        }
    }
}
