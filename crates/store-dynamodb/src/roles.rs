//! Roles: all definitions in one item, of which there are some copies, so that a call with a token
//! reads them in the same request as the rest and no copy gets hot.
//!
//! Each definition has a generation, and a user holds a role of a generation. A deleted role is
//! thereby void for everybody at once, in the one transaction that deletes it, however many held
//! it, and another role under the old name is another role. The holders are cleaned up afterwards,
//! in bounded steps that may be interrupted: what is left over means nothing.

mod changes;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::description::Description;
use countersign_domain::id::UserId;
use countersign_domain::role::{Account, Role, RoleName};
use countersign_domain::user::User;
use serde_json::{Value, json};

use crate::cells::{Cells, Row, n, s, scopes};
use crate::layout::{self, Item, Key, ROLES_COPIES};
use crate::service::Service;
use crate::transaction::{About, Transaction};
use crate::user_rows::UserRow;

/// All stored roles, as they are at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roles {
    rev: u64,
    next: u64,
    defined: BTreeMap<RoleName, (u64, Role)>,
    /// Deleted ones whose holders are not all cleaned up.
    dead: Vec<(RoleName, u64)>,
}

impl Roles {
    /// The copy that a read about this id goes to.
    pub fn key(id: UserId) -> Key {
        layout::roles(usize::from(id.as_uuid().as_bytes()[15]))
    }

    /// Takes them out of what a read found.
    pub fn found(items: &HashMap<Key, Item>, id: UserId) -> StoreResult<Self> {
        Self::at(items, &Self::key(id))
    }

    /// The same, of a copy under a key that was asked for.
    pub fn at(items: &HashMap<Key, Item>, key: &Key) -> StoreResult<Self> {
        items
            .get(key)
            .map_or_else(|| Ok(Self::default()), Self::read)
    }

    fn read(item: &Item) -> StoreResult<Self> {
        let cells = Cells(item);
        let list = cells.json("roles", |text| {
            serde_json::from_str::<Vec<Value>>(text).ok()
        })?;
        let dead = cells.json("dead", |text| {
            serde_json::from_str::<Vec<(String, u64)>>(text).ok()
        })?;
        let unreadable = || StoreError::Corrupt("the attribute roles can't be read".to_owned());
        let mut roles = Self {
            rev: cells.number("rev")?,
            next: cells.number("next")?,
            ..Self::default()
        };
        for value in list {
            let (generation, role) = role(&value).ok_or_else(unreadable)?;
            roles.defined.insert(role.name.clone(), (generation, role));
        }
        for (name, generation) in dead {
            let name = name.parse().map_err(|_| unreadable())?;
            roles.dead.push((name, generation));
        }
        Ok(roles)
    }

    fn item(&self, copy: usize) -> Item {
        let list: Vec<Value> = self
            .defined
            .values()
            .map(|(generation, role)| {
                json!({
                    "name": role.name.as_str(),
                    "generation": generation,
                    "description": role.description.as_str(),
                    "scopes": role.scopes.to_string(),
                })
            })
            .collect();
        let dead: Vec<(&str, u64)> = self
            .dead
            .iter()
            .map(|(name, g)| (name.as_str(), *g))
            .collect();
        Row::new(&layout::roles(copy), "roles")
            .with("rev", n(self.rev))
            .with("next", n(self.next))
            .with("roles", s(Value::Array(list).to_string()))
            .with("dead", s(json!(dead).to_string()))
            .item()
    }

    /// All of them, by name.
    pub fn all(&self) -> Vec<Role> {
        self.defined
            .values()
            .map(|(_, role)| role.clone())
            .collect()
    }

    /// What holding a role of this name means now: its generation; `None` if there is none.
    pub fn generation(&self, name: &RoleName) -> Option<u64> {
        if name.is_admin() {
            return Some(0);
        }
        self.defined.get(name).map(|(generation, _)| *generation)
    }

    /// The first of these roles that is neither built in nor defined.
    pub fn first_unknown<'n>(
        &self,
        mut names: impl Iterator<Item = &'n RoleName>,
    ) -> Option<RoleName> {
        let unknown = names.find(|name| !name.is_built_in() && !self.defined.contains_key(*name));
        unknown.cloned()
    }

    /// Makes a change depend on that nobody changed the roles since they were read.
    pub fn guard(&self, change: &mut Transaction, id: UserId) -> StoreResult<()> {
        let of = vec![(":rev", n(self.rev))];
        change.check(About::Roles, &Self::key(id), "#rev = :rev", of)
    }

    /// A user with the roles that they hold and that still mean something.
    pub fn user(&self, row: &UserRow) -> User {
        let mut user = row.user.clone();
        user.roles = row
            .held
            .iter()
            .filter(|(name, generation)| self.generation(name) == Some(**generation))
            .map(|(name, _)| name.clone())
            .collect();
        user
    }

    /// The same with the definitions of those roles.
    pub fn account(&self, row: &UserRow) -> Account {
        let user = self.user(row);
        let defined = user.roles.iter().filter_map(|name| self.defined.get(name));
        let roles = defined.map(|(_, role)| role.clone()).collect();
        Account { user, roles }
    }
}

fn role(value: &Value) -> Option<(u64, Role)> {
    let text = |name: &str| value.get(name)?.as_str();
    let role = Role {
        name: text("name")?.parse().ok()?,
        description: Description::from_stored(text("description")?),
        scopes: scopes(text("scopes")?)?,
    };
    Some((value.get("generation")?.as_u64()?, role))
}

impl Service {
    /// Reads the roles alone.
    pub async fn stored_roles(&self) -> StoreResult<Roles> {
        self.read_roles(true).await
    }

    /// The same, together with another request.
    pub async fn roles_beside(&self) -> StoreResult<Roles> {
        self.read_roles(false).await
    }

    async fn read_roles(&self, counts: bool) -> StoreResult<Roles> {
        let key = layout::roles(fastrand::usize(..ROLES_COPIES));
        let item = self.item_beside(&key, counts).await?;
        item.as_ref()
            .map_or_else(|| Ok(Roles::default()), Roles::read)
    }
}

/// A set of one id.
pub(crate) fn one_id(id: UserId) -> AttributeValue {
    AttributeValue::Ss(vec![id.to_string()])
}
