//! A user changes what others see of them, and what they log in with.

use countersign_domain::access::Principal;
use countersign_domain::audit::Action;
use countersign_domain::email::EmailAddress;
use countersign_domain::names::{Label, Username};

use crate::ports::store::{ProfileUpdated, UpdateProfile as Intent};
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
    /// The version the client saw, if a change in between should stop this one.
    pub expected_version: Option<u64>,
}

impl App {
    /// Changes the caller's own profile.
    pub async fn update_profile(
        &self,
        caller: &Principal,
        command: UpdateProfile,
        origin: &Origin,
    ) -> Result<ProfileUpdated, AppError> {
        let user_id = caller.user_id;
        let UpdateProfile { username, email, display_name, expected_version } = command;
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
            .event(origin, actor, Action::ProfileUpdated, Some(user_id), caller.session_id())
            .with("changed", changed.join(" "));
        let now = self.now();
        let intent =
            Intent { user_id, expected_version, username, email, display_name, now, event };
        Ok(self.ports.store.update_profile(intent).await?)
    }
}
