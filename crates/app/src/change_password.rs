//! A user changes their own password, and everybody else who is logged in as them is out.

use countersign_domain::access::Principal;
use countersign_domain::audit::Action;
use countersign_domain::password::{Password, WeakPassword};

use crate::ports::Verdict;
use crate::ports::store::{ChangePassword as Intent, PasswordChanged};
use crate::throttle::{Kind, Network, Target};
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
    /// the account over (ASVS 5.0 V6.2.3).
    pub async fn change_password(
        &self,
        caller: &Principal,
        old: Password,
        new: Password,
        origin: &Origin,
    ) -> Result<PasswordChange, AppError> {
        let network = Network::of(origin.address);
        let user_id = caller.user_id;
        self.throttles.network(Kind::LogIn, network, self.now())?;
        self.throttles.login(&Target::Account(user_id), network, self.now())?;
        let Some(record) = self.ports.store.login_record_by_id(user_id).await? else {
            return Ok(PasswordChange::WrongPassword);
        };
        let verdict = self.ports.passwords.verify(old, record.password.clone()).await?;
        if verdict == Verdict::Mismatch {
            return Ok(PasswordChange::WrongPassword);
        }
        self.throttles.login_succeeded(user_id, network, self.now());
        let words = record.account.user.own_words();
        if let Err(weak) = self.ports.passwords.assess(&new, &words) {
            return Ok(PasswordChange::Weak(weak));
        }
        let new = self.ports.passwords.hash(new).await?;
        let session_id = caller.session_id();
        let action = Action::PasswordChanged;
        let event = self.event(origin, caller.actor(), action, Some(user_id), session_id);
        let intent = Intent {
            user_id,
            expected: Some(record.password),
            new,
            keep_session: session_id,
            now: self.now(),
            event,
        };
        Ok(match self.ports.store.change_password(intent).await? {
            PasswordChanged::Changed { ended_sessions } => {
                PasswordChange::Changed { ended_sessions }
            }
            PasswordChanged::Stale | PasswordChanged::NotFound => PasswordChange::WrongPassword,
        })
    }
}
