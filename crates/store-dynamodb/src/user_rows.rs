//! Users as items. A user is kept up to three times: under their id, and in the guards of their
//! e-mail key and username, so that a login finds all it needs in one request. The copies are only
//! ever written together, in one transaction, under the condition that nobody changed the user
//! since they were read.

use std::collections::BTreeMap;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{RoleName, RoleNames};
use countersign_domain::session::{EndReason, Ended};
use countersign_domain::user::{User, UserState};

use crate::cells::{Cells, Row, at, n, s};
use crate::layout::{self, Item, Key};
use crate::roles::{Roles, one_id};
use crate::transaction::{About, Transaction};

/// The most holdings of a role that one transaction adds and removes. The rest is written before,
/// or removed after: a holding counts only if the user has it, too.
pub(crate) const MOST_HOLDINGS: usize = 40;

/// A user as stored.
#[derive(Clone, Debug)]
pub(crate) struct UserRow {
    /// The user, without their roles.
    pub user: User,
    /// The roles they hold, each of a generation.
    pub held: BTreeMap<RoleName, u64>,
    pub password: Option<PasswordHash>,
    /// Counts every change of the user and of which live sessions and tokens they have.
    pub rev: u64,
    /// Counts how often all sessions were ended at once: those of an earlier epoch are.
    pub epoch: u64,
    /// When and why that was last.
    pub cut: Option<Ended>,
}

impl UserRow {
    /// A new user, with the roles that there are.
    pub fn new(user: &User, password: Option<&PasswordHash>, roles: &Roles) -> Self {
        let mut row = Self {
            user: User {
                roles: RoleNames::new(),
                ..user.clone()
            },
            held: BTreeMap::new(),
            password: password.cloned(),
            rev: 0,
            epoch: 0,
            cut: None,
        };
        row.grant(&user.roles, roles);
        row
    }

    /// Gives the user roles. `user` has everybody unasked.
    pub fn grant(&mut self, names: &RoleNames, roles: &Roles) {
        for name in names {
            if let Some(generation) = roles.generation(name) {
                self.held.insert(name.clone(), generation);
            }
        }
    }

    pub fn id(&self) -> UserId {
        self.user.id
    }

    /// The role `admin` is code: it is never another one of the same name.
    pub fn is_working_admin(&self) -> bool {
        self.user.state == UserState::Active && self.held.contains_key(&RoleName::admin())
    }

    fn item(&self, key: &Key, kind: &str) -> Item {
        let user = &self.user;
        let held: Vec<String> = self
            .held
            .iter()
            .map(|(name, generation)| format!("{name}@{generation}"))
            .collect();
        Row::new(key, kind)
            .with("id", s(user.id.to_string()))
            .maybe(
                "username",
                user.username.as_ref().map(|name| s(name.as_str())),
            )
            .maybe("email", user.email.as_ref().map(|email| s(email.as_str())))
            .maybe("email_key", user.email.as_ref().map(|email| s(email.key())))
            .with(
                "email_verified",
                aws_sdk_dynamodb::types::AttributeValue::Bool(user.email_verified),
            )
            .maybe(
                "display_name",
                user.display_name.as_ref().map(|name| s(name.as_str())),
            )
            .with("state", s(user.state.as_str()))
            .with("roles", s(held.join(" ")))
            .with("scopes", s(user.scopes.to_string()))
            .with("created_at", at(user.created_at))
            .with("updated_at", at(user.updated_at))
            .with("version", n(user.version))
            .maybe(
                "password",
                self.password.as_ref().map(|hash| s(hash.expose())),
            )
            .item()
    }

    /// The item under the user's id.
    pub fn main(&self) -> Item {
        let mut item = self.item(&layout::user(self.id()), "user");
        item.insert("rev".to_owned(), n(self.rev));
        item.insert("epoch".to_owned(), n(self.epoch));
        if let Some(cut) = self.cut {
            item.insert("cut_at".to_owned(), at(cut.at));
            item.insert("cut_reason".to_owned(), s(cut.reason.as_str()));
        }
        item
    }

    /// The guards, each with what it is about.
    pub fn guards(&self) -> Vec<(About, Item)> {
        self.guard_keys()
            .into_iter()
            .map(|(about, key)| (about, self.item(&key, "guard")))
            .collect()
    }

    /// Where the guards are.
    pub fn guard_keys(&self) -> Vec<(About, Key)> {
        let email = self
            .user
            .email
            .as_ref()
            .map(|email| layout::email(email.key()));
        let name = self.user.username.as_ref();
        let name = name.map(|name| layout::username(name.as_str()));
        let email = email.map(|key| (About::Email, key));
        let name = name.map(|key| (About::Username, key));
        email.into_iter().chain(name).collect()
    }

    /// The line in the list of users.
    pub fn listed(&self) -> Item {
        Row::new(&layout::listed(self.user.state, self.id()), "listed").item()
    }

    pub fn holder_keys(&self) -> Vec<Key> {
        self.held
            .iter()
            .map(|(name, generation)| layout::holder(name.as_str(), *generation, self.id()))
            .collect()
    }
}

/// Reads a user, from their own item or a guard.
pub(crate) fn read(item: &Item) -> StoreResult<UserRow> {
    let cells = Cells(item);
    let email = cells
        .text_or_null("email")?
        .zip(cells.text_or_null("email_key")?);
    let cut = cells.moment_or_null("cut_at")?;
    let user = User {
        id: UserId::from_uuid(cells.id("id")?),
        username: cells.text_or_null("username")?.map(Username::from_stored),
        email: email.map(|(address, key)| EmailAddress::from_stored(address, key)),
        email_verified: cells.flag("email_verified")?,
        display_name: cells.text_or_null("display_name")?.map(Label::from_stored),
        state: cells.named("state", UserState::from_name)?,
        roles: RoleNames::new(),
        scopes: cells.scopes("scopes")?,
        created_at: cells.moment("created_at")?,
        updated_at: cells.moment("updated_at")?,
        version: cells.number("version")?,
    };
    Ok(UserRow {
        user,
        held: held(cells.text("roles")?)
            .ok_or_else(|| StoreError::Corrupt("the attribute roles can't be read".to_owned()))?,
        password: cells
            .text_or_null("password")?
            .map(PasswordHash::from_stored),
        rev: cells.number_or_null("rev")?.unwrap_or(0),
        epoch: cells.number_or_null("epoch")?.unwrap_or(0),
        cut: match cut {
            Some(at) => Some(Ended {
                at,
                reason: cells.named("cut_reason", EndReason::from_name)?,
            }),
            None => None,
        },
    })
}

fn held(text: &str) -> Option<BTreeMap<RoleName, u64>> {
    text.split(' ')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, generation) = part.split_once('@')?;
            Some((name.parse().ok()?, generation.parse().ok()?))
        })
        .collect()
}

/// Puts a user in the place of what was read of them, or makes them: all copies, the line in the
/// list, the holdings of roles, and the count of working admins, each under its condition.
pub(crate) fn replace(
    change: &mut Transaction,
    old: Option<&UserRow>,
    new: &UserRow,
) -> StoreResult<()> {
    let mut row = new.clone();
    row.rev = old.map_or(1, |old| old.rev + 1);
    let (condition, of) = match old {
        Some(old) => ("#rev = :rev", vec![(":rev", n(old.rev))]),
        None => ("attribute_not_exists(#pk)", Vec::new()),
    };
    change.put_if(About::User, row.main(), condition, of)?;
    let before = old.map(UserRow::guard_keys).unwrap_or_default();
    let after = row.guard_keys();
    for (about, item) in row.guards() {
        // A guard that is there belongs to somebody; it may be this user.
        let own = vec![(":id", s(row.id().to_string()))];
        let condition = "attribute_not_exists(#pk) OR #id = :id";
        match old {
            Some(_) => change.put_if(about, item, condition, own)?,
            None => change.put_if(about, item, "attribute_not_exists(#pk)", Vec::new())?,
        }
    }
    for (_, key) in before.iter().filter(|one| !after.contains(one)) {
        change.delete(key)?;
    }
    if old.is_none_or(|old| old.user.state != row.user.state) {
        change.put(row.listed())?;
        if let Some(old) = old {
            change.delete(&layout::listed(old.user.state, old.id()))?;
        }
    }
    let (gained, lost) = holdings(old, &row);
    for key in gained.iter().take(MOST_HOLDINGS / 2) {
        change.put(Row::new(key, "holder").item())?;
    }
    for key in lost.iter().take(MOST_HOLDINGS / 2) {
        change.delete(key)?;
    }
    count_admin(change, old.is_some_and(UserRow::is_working_admin), &row)
}

/// The holdings that a change adds and removes.
pub(crate) fn holdings(old: Option<&UserRow>, new: &UserRow) -> (Vec<Key>, Vec<Key>) {
    let before = old.map(UserRow::holder_keys).unwrap_or_default();
    let after = new.holder_keys();
    let gained = after.iter().filter(|key| !before.contains(key)).cloned();
    let lost = before.iter().filter(|key| !after.contains(key)).cloned();
    (gained.collect(), lost.collect())
}

fn count_admin(change: &mut Transaction, was: bool, row: &UserRow) -> StoreResult<()> {
    match (was, row.is_working_admin()) {
        (false, true) => {
            let one = vec![(":one", one_id(row.id()))];
            change.update_if(About::Other, &layout::admins(), "ADD #ids :one", "", one)
        }
        (true, false) => lose_admin(change, row.id()),
        _ => Ok(()),
    }
}

/// Takes a working admin away, unless they are the last.
fn lose_admin(change: &mut Transaction, id: UserId) -> StoreResult<()> {
    let of = vec![(":one", one_id(id)), (":least", n(1))];
    let update = "DELETE #ids :one";
    change.update_if(
        About::Admins,
        &layout::admins(),
        update,
        "size(#ids) > :least",
        of,
    )
}

/// Removes a user: their own item, the guards, the line in the list, and what makes them an admin.
/// Holdings that do not fit mean nothing without the user.
pub(crate) fn remove(change: &mut Transaction, old: &UserRow) -> StoreResult<()> {
    let rev = vec![(":rev", n(old.rev))];
    change.delete_if(About::User, &layout::user(old.id()), "#rev = :rev", rev)?;
    for (_, key) in old.guard_keys() {
        change.delete(&key)?;
    }
    change.delete(&layout::listed(old.user.state, old.id()))?;
    for key in old.holder_keys().iter().take(MOST_HOLDINGS) {
        change.delete(key)?;
    }
    if old.is_working_admin() {
        lose_admin(change, old.id())?;
    }
    Ok(())
}
