//! Changes to users: profile, password, state, authority, and deletion. Each reads the user as they
//! are, decides, and writes under the condition that they still are so; if not, it begins again.

use countersign_app::ports::store::{
    ChangeAuthority, ChangePassword, PasswordChanged, ProfileUpdated, SetUserState, StoreResult,
    UpdateProfile, UserChanged,
};
use countersign_domain::session::EndReason;
use countersign_domain::user::{User, UserState};

use crate::cells::Row;
use crate::requests::Write;
use crate::service::{Pause, Service};
use crate::transaction::{About, Outcome};
use crate::user_rows::{MOST_HOLDINGS, UserRow, holdings};
use crate::{DynamoDbStore, audit, sessions, user_rows};

impl Service {
    /// Writes the holdings that do not fit into the transaction of a change. They mean nothing
    /// until the user has the roles, too.
    pub async fn write_more_holdings(
        &self,
        old: Option<&UserRow>,
        new: &UserRow,
    ) -> StoreResult<()> {
        let (gained, _) = holdings(old, new);
        let more = gained.iter().skip(MOST_HOLDINGS / 2);
        let writes: Vec<_> = more
            .map(|key| Write::Put(Row::new(key, "holder").item()))
            .collect();
        self.write_all(&writes).await
    }
}

/// Whether the user has changed since a decision was made on them.
fn is_conflict(expected_version: Option<u64>, user: &User) -> bool {
    expected_version.is_some_and(|expected| expected != user.version)
}

impl DynamoDbStore {
    pub(crate) async fn change_profile(
        &self,
        intent: &UpdateProfile,
    ) -> StoreResult<ProfileUpdated> {
        let mut pause = Pause::default();
        loop {
            let found = self.service.user_row(intent.user_id).await?;
            let held = match self.standing(&intent.by, intent.event.at).await? {
                Ok(held) => held,
                Err(lost) => return Ok(ProfileUpdated::CallerLost(lost)),
            };
            let Some((old, roles)) = found else {
                return Ok(ProfileUpdated::NotFound);
            };
            if intent.proved.is_some() && intent.proved != old.password {
                return Ok(ProfileUpdated::Stale);
            }
            if is_conflict(intent.expected_version, &old.user) {
                return Ok(ProfileUpdated::VersionConflict);
            }
            let mut new = old.clone();
            if let Some(username) = &intent.username {
                new.user.username.clone_from(username);
            }
            if let Some(email) = &intent.email {
                new.user.email.clone_from(email);
                new.user.email_verified = false;
            }
            if let Some(display_name) = &intent.display_name {
                new.user.display_name.clone_from(display_name);
            }
            if new.user.username.is_none() && new.user.email.is_none() {
                return Ok(ProfileUpdated::NoIdentifierLeft);
            }
            touch(&mut new.user, intent.now);
            let mut change = self.service.transaction();
            user_rows::replace(&mut change, Some(&old), &new)?;
            held.guard(&mut change, Some(intent.user_id))?;
            audit::insert(&mut change, &intent.event)?;
            let outcome = self.service.commit(change).await?;
            if outcome.is_done() {
                return Ok(ProfileUpdated::Updated(roles.account(&new)));
            }
            // If the user changed, too, nobody knows yet what would have become of the names.
            if !outcome.is_refused(About::User) {
                if outcome.is_refused(About::Email) {
                    return Ok(ProfileUpdated::EmailTaken);
                }
                if outcome.is_refused(About::Username) {
                    return Ok(ProfileUpdated::UsernameTaken);
                }
            }
            pause.wait().await;
        }
    }

    pub(crate) async fn replace_password(
        &self,
        intent: &ChangePassword,
    ) -> StoreResult<PasswordChanged> {
        let mut pause = Pause::default();
        loop {
            let found = self.service.tidy_partition(intent.user_id).await?;
            let held = match self.standing(&intent.by, intent.event.at).await? {
                Ok(held) => held,
                Err(lost) => return Ok(PasswordChanged::CallerLost(lost)),
            };
            let Some(partition) = found else {
                return Ok(PasswordChanged::NotFound);
            };
            let old = &partition.user;
            let expected = intent.expected.as_ref();
            if expected.is_some_and(|expected| *expected != old.password)
                || is_conflict(intent.expected_version, &old.user)
            {
                return Ok(PasswordChanged::Stale);
            }
            let mut new = old.clone();
            new.password = Some(intent.new.clone());
            let mut change = self.service.transaction();
            let ended = sessions::ended(intent.now, EndReason::PasswordChanged);
            let keep = intent.keep_session;
            let ended_sessions = sessions::end_all(&mut change, &partition, &mut new, keep, ended)?;
            if intent.revoke_personal_tokens {
                self.revoke_all(&mut change, &partition, intent.now).await?;
            }
            user_rows::replace(&mut change, Some(old), &new)?;
            held.guard(&mut change, Some(intent.user_id))?;
            audit::insert(&mut change, &intent.event)?;
            if self.service.commit(change).await?.is_done() {
                return Ok(PasswordChanged::Changed { ended_sessions });
            }
            pause.wait().await;
        }
    }

    pub(crate) async fn change_state(&self, intent: &SetUserState) -> StoreResult<UserChanged> {
        let mut pause = Pause::default();
        loop {
            let (partition, roles) = tokio::try_join!(
                Box::pin(self.service.tidy_partition(intent.user_id)),
                self.service.roles_beside()
            )?;
            let held = match self.standing(&intent.by, intent.event.at).await? {
                Ok(held) => held,
                Err(lost) => return Ok(UserChanged::CallerLost(lost)),
            };
            let Some(partition) = partition else {
                return Ok(UserChanged::NotFound);
            };
            let old = &partition.user;
            if is_conflict(intent.expected_version, &old.user) {
                return Ok(UserChanged::VersionConflict);
            }
            let mut new = old.clone();
            new.user.state = intent.state;
            touch(&mut new.user, intent.now);
            let mut change = self.service.transaction();
            if intent.state != UserState::Active {
                let ended = sessions::ended(intent.now, EndReason::UserShut);
                sessions::end_all(&mut change, &partition, &mut new, None, ended)?;
            }
            user_rows::replace(&mut change, Some(old), &new)?;
            held.guard(&mut change, Some(intent.user_id))?;
            audit::insert(&mut change, &intent.event)?;
            let outcome = self.service.commit(change).await?;
            if outcome.is_done() {
                return Ok(UserChanged::Changed(roles.account(&new)));
            }
            if is_last_admin(&outcome) {
                return Ok(UserChanged::LastAdmin);
            }
            pause.wait().await;
        }
    }

    pub(crate) async fn replace_authority(
        &self,
        intent: &ChangeAuthority,
    ) -> StoreResult<UserChanged> {
        let mut pause = Pause::default();
        loop {
            let found = self.service.user_row(intent.user_id).await?;
            let held = match self.standing(&intent.by, intent.event.at).await? {
                Ok(held) => held,
                Err(lost) => return Ok(UserChanged::CallerLost(lost)),
            };
            let Some((old, roles)) = found else {
                return Ok(UserChanged::NotFound);
            };
            if is_conflict(intent.expected_version, &old.user) {
                return Ok(UserChanged::VersionConflict);
            }
            let named = intent.grant_roles.union(&intent.revoke_roles);
            if let Some(unknown) = roles.first_unknown(named) {
                return Ok(UserChanged::UnknownRole(unknown));
            }
            let mut new = old.clone();
            new.held
                .retain(|name, generation| roles.generation(name) == Some(*generation));
            new.grant(&intent.grant_roles, &roles);
            new.held
                .retain(|name, _| !intent.revoke_roles.contains(name));
            let scopes = new.user.scopes.union(&intent.grant_scopes);
            new.user.scopes = scopes.difference(&intent.revoke_scopes);
            touch(&mut new.user, intent.now);
            self.service.write_more_holdings(Some(&old), &new).await?;
            let mut change = self.service.transaction();
            user_rows::replace(&mut change, Some(&old), &new)?;
            held.guard(&mut change, Some(intent.user_id))?;
            audit::insert(&mut change, &intent.event)?;
            let outcome = self.service.commit(change).await?;
            if outcome.is_done() {
                return Ok(UserChanged::Changed(roles.account(&new)));
            }
            if is_last_admin(&outcome) {
                return Ok(UserChanged::LastAdmin);
            }
            pause.wait().await;
        }
    }
}

/// Whether a change failed because it would leave no working admin. If the user changed, too, it is
/// not known yet.
pub(crate) fn is_last_admin(outcome: &Outcome) -> bool {
    !outcome.is_refused(About::User) && outcome.is_refused(About::Admins)
}

/// Counts a user's version up.
fn touch(user: &mut User, now: countersign_domain::time::Timestamp) {
    user.version = user.version.saturating_add(1);
    user.updated_at = now;
}
