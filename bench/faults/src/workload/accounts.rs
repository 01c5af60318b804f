//! Changes to users, and deletions.

use countersign_app::ports::store::{
    ChangeAuthority, ChangePassword, DeleteUser, PasswordChanged, ProfileUpdated, SetUserState,
    UpdateProfile, UserChanged, UserDeleted,
};
use countersign_domain::audit::Action;
use countersign_domain::id::UserId;
use countersign_domain::role::{RoleName, RoleNames};
use countersign_domain::user::UserState;
use countersign_token::{Scope, Scopes};
use uuid::Uuid;

use super::maker;
use super::reads::version;
use super::sign_up::CONTENDED;
use super::{Worker, is_unknown};
use crate::history::{Answer, Outcome, What};
use crate::marks;

impl Worker {
    pub(super) async fn change_password(&mut self, user: Uuid) {
        let record = self.login(user).await;
        let Some(expected) = record.and_then(|record| record.password) else {
            return self.pause().await;
        };
        let sessions = self.sessions(user).await;
        let kept = self.random.pick(&sessions).map(|session| session.id);
        let keep_session = kept.filter(|_| self.random.percent(60));
        let (now, new) = (self.now(), self.random.mark());
        let revoke_tokens = self.random.percent(40);
        let action = Action::PasswordChanged;
        let event = maker::event(&mut self.random, now, action, Some(user), None);
        let what = What::ChangePassword {
            user,
            expected: marks::of_password(&expected),
            new,
            keep: keep_session.map(|id| *id.as_uuid()),
            revoke_tokens,
        };
        let intent = ChangePassword {
            by: countersign_domain::standing::By::Operator,
            user_id: UserId::from_uuid(user),
            expected: Some(Some(expected)),
            expected_version: None,
            new: marks::password(new),
            keep_session,
            revoke_personal_tokens: revoke_tokens,
            now,
            event: event.clone(),
        };
        let call = self.store.change_password(intent);
        let judge = |changed: &PasswordChanged| match changed {
            PasswordChanged::Changed { ended_sessions } => Outcome::Done(Answer {
                count: Some(*ended_sessions),
                ..Answer::default()
            }),
            PasswordChanged::Stale => Outcome::Refused("stale".to_owned()),
            PasswordChanged::CallerLost(lost) => Outcome::Refused(format!("{lost:?}")),
            PasswordChanged::NotFound => Outcome::Refused("not found".to_owned()),
        };
        self.call(Some(&event), now, what, call, judge).await;
    }

    /// The user's version and whether they are active, and the version to insist on, if any.
    async fn seen_version(
        &mut self,
        user: Uuid,
    ) -> Option<(countersign_domain::user::User, Option<u64>)> {
        let user = self.account(user).await?.user;
        let expected = self.random.percent(60).then_some(user.version);
        Some((user, expected))
    }

    pub(super) async fn set_state(&mut self, user: Uuid) {
        let Some((seen, expected_version)) = self.seen_version(user).await else {
            return self.pause().await;
        };
        let state = if seen.state != UserState::Active && self.random.percent(85) {
            UserState::Active
        } else if self.random.percent(50) {
            UserState::Disabled
        } else {
            UserState::Locked
        };
        let now = self.now();
        let action = Action::UserStateChanged;
        let event = maker::event(&mut self.random, now, action, Some(user), None);
        let what = What::SetState {
            user,
            state: state.as_str().to_owned(),
            expected: expected_version,
        };
        let call = self.store.set_user_state(SetUserState {
            by: countersign_domain::standing::By::Operator,
            user_id: seen.id,
            state,
            expected_version,
            now,
            event: event.clone(),
        });
        self.call(Some(&event), now, what, call, user_changed).await;
    }

    pub(super) async fn change_authority(&mut self, user: Uuid) {
        let Some((seen, expected_version)) = self.seen_version(user).await else {
            return self.pause().await;
        };
        let now = self.now();
        let grant = format!("fault:{}", self.random.mark().simple());
        let held: Vec<_> = seen.scopes.iter().collect();
        let revoke = if held.len() > 4 || self.random.percent(50) {
            self.random.pick(&held).map(|scope| (*scope).clone())
        } else {
            None
        };
        let admin = (self.random.percent(15)).then(|| self.random.percent(50));
        let action = Action::AuthorityChanged;
        let event = maker::event(&mut self.random, now, action, Some(user), None);
        let what = What::ChangeAuthority {
            user,
            grant: grant.clone(),
            revoke: revoke.as_ref().map(|scope| scope.as_str().to_owned()),
            admin,
            expected: expected_version,
        };
        let admin_if = |wanted: bool| -> RoleNames {
            (admin == Some(wanted))
                .then(RoleName::admin)
                .into_iter()
                .collect()
        };
        let grant_scopes: Scopes = grant.parse::<Scope>().into_iter().collect();
        let call = self.store.change_authority(ChangeAuthority {
            by: countersign_domain::standing::By::Operator,
            user_id: seen.id,
            grant_roles: admin_if(true),
            revoke_roles: admin_if(false),
            grant_scopes,
            revoke_scopes: revoke.into_iter().collect(),
            expected_version,
            now,
            event: event.clone(),
        });
        self.call(Some(&event), now, what, call, user_changed).await;
    }

    pub(super) async fn update_profile(&mut self, user: Uuid) {
        let Some((seen, expected_version)) = self.seen_version(user).await else {
            return self.pause().await;
        };
        let now = self.now();
        let display_name = self.random.mark().simple().to_string();
        let username = (self.random.percent(40))
            .then(|| format!("contended{}", self.random.below(CONTENDED * 4)));
        let email = (self.random.percent(20))
            .then(|| format!("contended{}@example.com", self.random.below(CONTENDED)));
        let action = Action::ProfileUpdated;
        let event = maker::event(&mut self.random, now, action, Some(user), None);
        let what = What::UpdateProfile {
            user,
            display_name: display_name.clone(),
            username: username.clone(),
            email: email.clone(),
            expected: expected_version,
        };
        let call = self.store.update_profile(UpdateProfile {
            by: countersign_domain::standing::By::Operator,
            proved: None,
            user_id: seen.id,
            expected_version,
            username: username.map(|name| name.parse().ok()),
            email: email.map(|email| email.parse().ok()),
            display_name: Some(display_name.parse().ok()),
            now,
            event: event.clone(),
        });
        let judge = |updated: &ProfileUpdated| match updated {
            ProfileUpdated::Updated(account) => Outcome::Done(version(account)),
            other => Outcome::Refused(format!("{other:?}")),
        };
        self.call(Some(&event), now, what, call, judge).await;
    }

    /// Deletes somebody: mostly of those whom only this process knows.
    pub(super) async fn delete_somebody(&mut self, user: Uuid) {
        let own = self.people.pick_own(&mut self.random);
        let user = own.filter(|_| self.random.percent(85)).unwrap_or(user);
        let now = self.now();
        let event = maker::event(&mut self.random, now, Action::UserDeleted, Some(user), None);
        let call = self.store.delete_user(DeleteUser {
            by: countersign_domain::standing::By::Operator,
            user_id: UserId::from_uuid(user),
            expected_version: None,
            event: event.clone(),
        });
        let what = What::DeleteUser { user };
        let (outcome, _) = self
            .call(Some(&event), now, what, call, |deleted| match deleted {
                UserDeleted::Deleted => Outcome::Done(Answer::default()),
                other => Outcome::Refused(format!("{other:?}")),
            })
            .await;
        if is_unknown(&outcome) {
            self.pause().await;
        }
    }
}

fn user_changed(changed: &UserChanged) -> Outcome {
    match changed {
        UserChanged::Changed(account) => Outcome::Done(version(account)),
        UserChanged::LastAdmin => Outcome::Refused("last admin".to_owned()),
        UserChanged::VersionConflict => Outcome::Refused("version".to_owned()),
        UserChanged::UnknownRole(_) => Outcome::Refused("unknown role".to_owned()),
        UserChanged::CallerLost(lost) => Outcome::Refused(format!("{lost:?}")),
        UserChanged::NotFound => Outcome::Refused("not found".to_owned()),
    }
}
