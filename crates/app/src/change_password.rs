//! A user changes their own password, and everybody else who is logged in as them is out.

use countersign_domain::access::Principal;
use countersign_domain::audit::Action;
use countersign_domain::password::{Password, WeakPassword};

use crate::ports::store::{ChangePassword as Intent, PasswordChanged};
use crate::{App, AppError, Origin};

/// What comes of it.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordChange {
    /// It is changed; this many other sessions were ended.
    Changed {
        /// How many.
        ended_sessions: u64,
    },
    /// The old password is not right.
    WrongPassword,
    /// The new one is too weak.
    Weak(WeakPassword),
}

impl App {
    /// Replaces the caller's password. The old one is asked for, so that a stolen token can't take
    /// the account over (ASVS 5.0 V6.2.3). Personal access tokens are no sessions: they stay.
    pub async fn change_password(
        &self,
        caller: &Principal,
        old: Password,
        new: Password,
        origin: &Origin,
    ) -> Result<PasswordChange, AppError> {
        let Some(record) = self.prove_own_password(caller, old, origin).await? else {
            return Ok(PasswordChange::WrongPassword);
        };
        if let Err(weak) = self.assess(&new, &record.account.user).await {
            return Ok(PasswordChange::Weak(weak));
        }
        let new = self.ports.passwords.hash(new).await?;
        let (user_id, session_id) = (caller.user_id, caller.session_id());
        let action = Action::PasswordChanged;
        let event = self.event(origin, caller.actor(), action, Some(user_id), session_id);
        let intent = Intent {
            by: caller.into(),
            user_id,
            expected: Some(record.password),
            expected_version: None,
            new,
            keep_session: session_id,
            revoke_personal_tokens: false,
            now: self.now(),
            event,
        };
        Ok(match self.ports.store.change_password(intent).await? {
            PasswordChanged::Changed { ended_sessions } => {
                PasswordChange::Changed { ended_sessions }
            }
            PasswordChanged::CallerLost(lost) => return Err(lost.into()),
            PasswordChanged::Stale | PasswordChanged::NotFound => PasswordChange::WrongPassword,
        })
    }
}
