//! Changes to users: profile, password, state, authority, and deletion. Each of them writes the user's
//! document, so of any two on one user one is rolled back and decides anew.

use countersign_app::ports::store::{
    ChangeAuthority, ChangePassword, DeleteUser, LoginRecord, PasswordChanged, ProfileUpdated,
    SetUserState, StoreResult, UpdateProfile, UserChanged, UserDeleted,
};
use countersign_domain::id::UserId;
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{Account, RoleName};
use countersign_domain::session::EndReason;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use mongodb::bson::{Bson, Document, doc};

use crate::accounts::{USERS, record, user_update, user_with};
use crate::change::{Change, Step, Tx};
use crate::db::Db;
use crate::error::Fault;
use crate::fields::Fields;
use crate::personal_tokens::{self, TOKENS};
use crate::roles::{self, ROLES};
use crate::sessions::{self, SESSIONS};
use crate::sign_up::Owners;
use crate::values::id;
use crate::writes::Writes;
use crate::{audit, instance, standing};

/// The user as the profile change would have them.
fn with_profile(mut user: User, intent: &UpdateProfile) -> User {
    if let Some(username) = &intent.username {
        user.username.clone_from(username);
    }
    if let Some(email) = &intent.email {
        user.email.clone_from(email);
        user.email_verified = false;
    }
    if let Some(display_name) = &intent.display_name {
        user.display_name.clone_from(display_name);
    }
    user
}

impl Change for UpdateProfile {
    type Outcome = ProfileUpdated;

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<ProfileUpdated>, Fault> {
        if let Some(lost) = standing::lost(tx, &self.by, self.event.at).await? {
            return Ok(Step::Leave(ProfileUpdated::CallerLost(lost)));
        }
        let Some(found) = user_with(tx, self.user_id, []).await? else {
            return Ok(Step::Leave(ProfileUpdated::NotFound));
        };
        let LoginRecord { account, password } = record(&found)?;
        if self.proved.is_some() && self.proved != password {
            return Ok(Step::Leave(ProfileUpdated::Stale));
        }
        let Account { user, roles } = account;
        if is_conflict(self.expected_version, &user) {
            return Ok(Step::Leave(ProfileUpdated::VersionConflict));
        }
        let user = with_profile(user, self);
        if user.username.is_none() && user.email.is_none() {
            return Ok(Step::Leave(ProfileUpdated::NoIdentifierLeft));
        }
        let mut writes = tx.writes();
        let user = save(&mut writes, user, self.now);
        standing::hold(&mut writes, &self.by);
        audit::add(&mut writes, &self.event);
        tx.write(writes).await?;
        Ok(Step::Commit(ProfileUpdated::Updated(Account {
            user,
            roles,
        })))
    }

    async fn in_the_way(&self, db: &Db) -> StoreResult<Option<ProfileUpdated>> {
        let id = doc! {"_id": id(self.user_id.as_uuid())};
        let Some(found) = db.one(USERS, id).await? else {
            return Ok(None);
        };
        let user = with_profile(crate::accounts::user(Fields::of(&found))?, self);
        let owners = Owners::of(db, &user).await?;
        let is_other = |owner: &uuid::Uuid| owner != self.user_id.as_uuid();
        Ok(if owners.by_email.as_ref().is_some_and(is_other) {
            Some(ProfileUpdated::EmailTaken)
        } else if owners.by_username.as_ref().is_some_and(is_other) {
            Some(ProfileUpdated::UsernameTaken)
        } else {
            None
        })
    }
}

impl Change for ChangePassword {
    type Outcome = PasswordChanged;

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<PasswordChanged>, Fault> {
        if let Some(lost) = standing::lost(tx, &self.by, self.event.at).await? {
            return Ok(Step::Leave(PasswordChanged::CallerLost(lost)));
        }
        let Some(found) = user_with(tx, self.user_id, []).await? else {
            return Ok(Step::Leave(PasswordChanged::NotFound));
        };
        let record = record(&found)?;
        let expected = self.expected.as_ref();
        let is_other = expected.is_some_and(|expected| *expected != record.password);
        if is_other || is_conflict(self.expected_version, &record.account.user) {
            return Ok(Step::Leave(PasswordChanged::Stale));
        }
        let mut writes = tx.writes();
        writes.update(
            USERS,
            doc! {"_id": id(self.user_id.as_uuid())},
            doc! {
                "$set": {"password": PasswordHash::expose(&self.new)},
                "$inc": {"touched": 1_i64},
            },
        );
        if self.revoke_personal_tokens {
            personal_tokens::revoke_all(&mut writes, self.user_id, self.now);
        }
        let reason = EndReason::PasswordChanged;
        let ended = sessions::end_all(
            &mut writes,
            self.user_id,
            self.keep_session,
            reason,
            self.now,
        );
        standing::hold(&mut writes, &self.by);
        audit::add(&mut writes, &self.event);
        let written = tx.write(writes).await?;
        Ok(Step::Commit(PasswordChanged::Changed {
            ended_sessions: written.found(ended),
        }))
    }
}

impl Change for SetUserState {
    type Outcome = UserChanged;

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<UserChanged>, Fault> {
        if let Some(lost) = standing::lost(tx, &self.by, self.event.at).await? {
            return Ok(Step::Leave(UserChanged::CallerLost(lost)));
        }
        let Some(found) = user_with(tx, self.user_id, [join_admins(self.user_id)]).await? else {
            return Ok(Step::Leave(UserChanged::NotFound));
        };
        let Account { mut user, roles } = record(&found)?.account;
        if is_conflict(self.expected_version, &user) {
            return Ok(Step::Leave(UserChanged::VersionConflict));
        }
        let was_admin = user.is_working_admin();
        user.state = self.state;
        let mut writes = tx.writes();
        if was_admin && !user.is_working_admin() {
            if !another_admin(&found)? {
                return Ok(Step::Leave(UserChanged::LastAdmin));
            }
            instance::lose_admin(&mut writes);
        }
        let user = save(&mut writes, user, self.now);
        if user.state != UserState::Active {
            sessions::end_all(&mut writes, user.id, None, EndReason::UserShut, self.now);
        }
        standing::hold(&mut writes, &self.by);
        audit::add(&mut writes, &self.event);
        tx.write(writes).await?;
        Ok(Step::Commit(UserChanged::Changed(Account { user, roles })))
    }
}

impl Change for DeleteUser {
    type Outcome = UserDeleted;

    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<UserDeleted>, Fault> {
        if let Some(lost) = standing::lost(tx, &self.by, self.event.at).await? {
            return Ok(Step::Leave(UserDeleted::CallerLost(lost)));
        }
        let Some(found) = user_with(tx, self.user_id, [join_admins(self.user_id)]).await? else {
            return Ok(Step::Leave(UserDeleted::NotFound));
        };
        let user = record(&found)?.account.user;
        if is_conflict(self.expected_version, &user) {
            return Ok(Step::Leave(UserDeleted::VersionConflict));
        }
        let mut writes = tx.writes();
        if user.is_working_admin() {
            if !another_admin(&found)? {
                return Ok(Step::Leave(UserDeleted::LastAdmin));
            }
            instance::lose_admin(&mut writes);
        }
        let user_id = id(self.user_id.as_uuid());
        writes.delete_all(USERS, doc! {"_id": user_id.clone()});
        writes.delete_all(SESSIONS, doc! {"user_id": user_id.clone()});
        writes.delete_all(TOKENS, doc! {"user_id": user_id});
        standing::hold(&mut writes, &self.by);
        audit::add(&mut writes, &self.event);
        tx.write(writes).await?;
        Ok(Step::Commit(UserDeleted::Deleted))
    }
}

impl Change for ChangeAuthority {
    type Outcome = UserChanged;

    /// A role that is granted is touched, so that a deletion of the role, which goes through those who
    /// hold it, can't miss this one.
    async fn attempt(&self, tx: &mut Tx<'_>) -> Result<Step<UserChanged>, Fault> {
        if let Some(lost) = standing::lost(tx, &self.by, self.event.at).await? {
            return Ok(Step::Leave(UserChanged::CallerLost(lost)));
        }
        let named = self.grant_roles.union(&self.revoke_roles);
        let named: Vec<&RoleName> = named.filter(|name| !name.is_built_in()).collect();
        let joins = [join_admins(self.user_id), join_named(&named)];
        let Some(found) = user_with(tx, self.user_id, joins).await? else {
            return Ok(Step::Leave(UserChanged::NotFound));
        };
        let Account { mut user, roles } = record(&found)?.account;
        if is_conflict(self.expected_version, &user) {
            return Ok(Step::Leave(UserChanged::VersionConflict));
        }
        let defined = Fields::of(&found).each("named")?.into_iter();
        let mut known = defined.map(roles::role).collect::<StoreResult<Vec<_>>>()?;
        let is_known = |name: &RoleName| known.iter().any(|role| role.name == *name);
        if let Some(unknown) = named.iter().find(|name| !is_known(name)) {
            return Ok(Step::Leave(UserChanged::UnknownRole((*unknown).clone())));
        }
        let mut writes = tx.writes();
        if user.is_working_admin() && self.revoke_roles.contains(&RoleName::admin()) {
            if !another_admin(&found)? {
                return Ok(Step::Leave(UserChanged::LastAdmin));
            }
            instance::lose_admin(&mut writes);
        }
        for name in named.iter().filter(|name| self.grant_roles.contains(name)) {
            writes.touch(ROLES, doc! {"_id": name.as_str()});
        }
        let stored = |name: &&RoleName| name.is_admin() || !name.is_built_in();
        user.roles
            .extend(self.grant_roles.iter().filter(stored).cloned());
        user.roles.retain(|name| !self.revoke_roles.contains(name));
        user.scopes = user
            .scopes
            .union(&self.grant_scopes)
            .difference(&self.revoke_scopes);
        let user = save(&mut writes, user, self.now);
        standing::hold(&mut writes, &self.by);
        audit::add(&mut writes, &self.event);
        tx.write(writes).await?;
        known.extend(roles);
        known.sort_by(|a, b| a.name.cmp(&b.name));
        known.dedup_by(|a, b| a.name == b.name);
        known.retain(|role| user.roles.contains(&role.name));
        Ok(Step::Commit(UserChanged::Changed(Account {
            user,
            roles: known,
        })))
    }
}

/// Whether the user has changed since a decision was made on them.
fn is_conflict(expected_version: Option<u64>, user: &User) -> bool {
    expected_version.is_some_and(|expected| expected != user.version)
}

/// Writes a changed user, with their version counted up, and gives them as they are then.
fn save(writes: &mut Writes, mut user: User, now: Timestamp) -> User {
    user.version = user.version.saturating_add(1);
    user.updated_at = now;
    writes.update(
        USERS,
        doc! {"_id": id(user.id.as_uuid())},
        user_update(&user),
    );
    user
}

/// Joins in one user who could administer the instance, but not this one.
fn join_admins(but: UserId) -> Document {
    doc! {"$lookup": {
        "from": USERS,
        "pipeline": [
            {"$match": {
                "roles": RoleName::admin().as_str(),
                "state": UserState::Active.as_str(),
                "_id": {"$ne": id(but.as_uuid())},
            }},
            {"$limit": 1},
            {"$project": {"_id": 1}},
        ],
        "as": "other_admins",
    }}
}

fn another_admin(found: &Document) -> StoreResult<bool> {
    Ok(!Fields::of(found).each("other_admins")?.is_empty())
}

/// Joins in the definitions of these roles.
fn join_named(names: &[&RoleName]) -> Document {
    let names: Vec<Bson> = names.iter().map(|name| Bson::from(name.as_str())).collect();
    doc! {"$lookup": {
        "from": ROLES,
        "pipeline": [{"$match": {"_id": {"$in": names}}}],
        "as": "named",
    }}
}
