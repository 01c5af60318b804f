//! A user changes what others see of them, and what they log in with.

use countersign_domain::access::Principal;
use countersign_domain::audit::Action;
use countersign_domain::email::EmailAddress;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::Password;
use countersign_domain::role::Account;

use crate::ports::store::{ProfileUpdated, UpdateProfile as Intent};
use crate::throttle::{Kind, Network};
use crate::{App, AppError, Origin};

/// What to change. Outer `None` leaves a part alone; inner `None` clears it.
#[derive(Clone, Debug, Default)]
pub struct UpdateProfile {
    /// The new username.
    pub username: Option<Option<Username>>,
    /// The new e-mail address; it counts as not verified.
    pub email: Option<Option<EmailAddress>>,
    /// The new display name.
    pub display_name: Option<Option<Label>>,
    /// The caller's password, if they change what they log in with.
    pub current_password: Option<Password>,
    /// The version the client saw, if a change in between should stop this one.
    pub expected_version: Option<u64>,
}

/// What comes of it.
#[must_use]
#[derive(Clone, Debug)]
pub enum ProfileUpdate {
    /// The user as they are now.
    Updated(Box<Account>),
    /// Username or e-mail address were to change, and the password is missing or not right.
    WrongPassword,
    /// The version is another by now.
    VersionConflict,
    /// Somebody else has the e-mail address.
    EmailTaken,
    /// Somebody else has the username.
    UsernameTaken,
    /// Neither username nor e-mail address would be left.
    NoIdentifierLeft,
    /// There is no such user any more.
    NotFound,
}

impl App {
    /// Changes the caller's own profile. What one logs in with changes only with the password, so
    /// that a stolen token can't take the account over (ASVS 5.0 V7.5.1), and no more often than
    /// strangers may sign up, since it tells whether an address is taken.
    pub async fn update_profile(
        &self,
        caller: &Principal,
        command: UpdateProfile,
        origin: &Origin,
    ) -> Result<ProfileUpdate, AppError> {
        let user_id = caller.user_id;
        let UpdateProfile {
            username,
            email,
            display_name,
            current_password,
            expected_version,
        } = command;
        let mut proved = None;
        if username.is_some() || email.is_some() {
            let Some(password) = current_password else {
                return Ok(ProfileUpdate::WrongPassword);
            };
            self.throttles
                .network(Kind::SignUp, Network::of(origin.address), self.now())?;
            let Some(record) = self.prove_own_password(caller, password, origin).await? else {
                return Ok(ProfileUpdate::WrongPassword);
            };
            proved = record.password;
        }
        let changed: Vec<&str> = [
            ("username", username.is_some()),
            ("email", email.is_some()),
            ("display_name", display_name.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, is_changed)| is_changed.then_some(name))
        .collect();
        let actor = caller.actor();
        let event = self
            .event(
                origin,
                actor,
                Action::ProfileUpdated,
                Some(user_id),
                caller.session_id(),
            )
            .with("changed", changed.join(" "));
        let now = self.now();
        let intent = Intent {
            by: caller.into(),
            user_id,
            proved,
            expected_version,
            username,
            email,
            display_name,
            now,
            event,
        };
        Ok(match self.ports.store.update_profile(intent).await? {
            ProfileUpdated::Updated(account) => ProfileUpdate::Updated(Box::new(account)),
            ProfileUpdated::CallerLost(lost) => return Err(lost.into()),
            ProfileUpdated::Stale => ProfileUpdate::WrongPassword,
            ProfileUpdated::VersionConflict => ProfileUpdate::VersionConflict,
            ProfileUpdated::EmailTaken => ProfileUpdate::EmailTaken,
            ProfileUpdated::UsernameTaken => ProfileUpdate::UsernameTaken,
            ProfileUpdated::NoIdentifierLeft => ProfileUpdate::NoIdentifierLeft,
            ProfileUpdated::NotFound => ProfileUpdate::NotFound,
        })
    }
}
