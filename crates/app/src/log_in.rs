//! Logging in with a password.
//!
//! Whatever is wrong (no such user, wrong password, disabled, locked), a stranger gets the same
//! answer after the same work: one read, one hash, one write. The audit log knows the difference.

use countersign_domain::audit::{Action, Actor};
use countersign_domain::gate::may_issue;
use countersign_domain::id::UserId;
use countersign_domain::names::{Identifier, Label};
use countersign_domain::password::{Password, PasswordHash};
use countersign_domain::role::Account;
use countersign_token::{Audience, Scopes};

use crate::issue::NewSession;
use crate::ports::Verdict;
use crate::ports::store::{LoginRecord, OpenSession, SessionOpened};
use crate::throttle::{Kind, Network, Target};
use crate::{App, AppError, Origin, Tokens};

/// What a stranger gives.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// An e-mail address or a username, as typed. One that nobody can have is answered like one
    /// that nobody has.
    pub identifier: String,
    /// The password.
    pub password: Password,
    /// What the device is called.
    pub device: Option<Label>,
    /// Narrows what the tokens may do.
    pub scopes: Option<Scopes>,
    /// Which API the tokens are for.
    pub audience: Option<Audience>,
}

/// What comes of it.
#[must_use]
#[derive(Clone, Debug)]
pub enum LoggedIn {
    /// A session is open.
    LoggedIn {
        /// The account.
        account: Box<Account>,
        /// The session's tokens.
        tokens: Tokens,
    },
    /// No.
    Refused,
    /// There is no such audience.
    UnknownAudience,
}

impl App {
    /// Opens a session for whoever proves to be the user.
    pub async fn log_in(&self, command: LogIn, origin: &Origin) -> Result<LoggedIn, AppError> {
        let network = Network::of(origin.address);
        self.throttles.network(Kind::LogIn, network, self.now())?;
        let Some(audience) = self.settings.audience(command.audience.as_ref()) else {
            return Ok(LoggedIn::UnknownAudience);
        };
        let identifier = command.identifier.parse::<Identifier>().ok();
        let record = match &identifier {
            Some(identifier) => self.ports.store.login_record(identifier).await?,
            None => None,
        };
        self.throttles.login(&target(record.as_ref(), identifier.as_ref()), network, self.now())?;

        let stored = record.as_ref().and_then(|record| record.password.clone());
        let verdict = self.ports.passwords.verify(command.password, stored.clone()).await?;
        let (record, rehash) = match (record, verdict) {
            (Some(record), Verdict::Match { rehash }) => (record, rehash),
            (record, _) => {
                let why = if record.is_some() { "wrong_password" } else { "unknown_user" };
                let user_id = record.map(|record| record.account.user.id);
                return self.refuse(origin, user_id, why).await;
            }
        };
        let user = &record.account.user;
        if let Err(refusal) = may_issue(user, None, self.now()) {
            return self.refuse(origin, Some(user.id), refusal.as_str()).await;
        }
        let asked = NewSession {
            device: command.device,
            scopes: command.scopes,
            audience: command.audience.clone(),
        };
        self.open(record.account, (stored, rehash), asked, origin, audience).await
    }

    async fn open(
        &self,
        account: Account,
        (proved, rehash): (Option<PasswordHash>, Option<PasswordHash>),
        asked: NewSession,
        origin: &Origin,
        audience: &crate::AudienceSettings,
    ) -> Result<LoggedIn, AppError> {
        let (session, refresh) = self.new_session(&account.user, asked, origin);
        let user_id = account.user.id;
        let actor = Actor::User(user_id);
        let mut event =
            self.event(origin, actor, Action::LoggedIn, Some(user_id), Some(session.id));
        if rehash.is_some() {
            event = event.with("rehashed", true);
        }
        let intent = OpenSession {
            session: session.clone(),
            proved,
            rehash,
            max_sessions: self.settings.max_sessions,
            event,
        };
        match self.ports.store.open_session(intent).await? {
            SessionOpened::Opened { account, .. } => {
                self.throttles.login_succeeded(user_id, Network::of(origin.address), self.now());
                let tokens = self.issue(&account, &session, &refresh, audience, None)?;
                Ok(LoggedIn::LoggedIn { account: Box::new(account), tokens })
            }
            SessionOpened::Refused(refusal) => {
                self.refuse(origin, Some(user_id), refusal.as_str()).await
            }
            SessionOpened::Stale => self.refuse(origin, Some(user_id), "password_changed").await,
        }
    }

    async fn refuse(
        &self,
        origin: &Origin,
        user_id: Option<UserId>,
        why: &str,
    ) -> Result<LoggedIn, AppError> {
        let event = self
            .event(origin, Actor::Anonymous, Action::LoginRefused, user_id, None)
            .with("reason", why);
        self.ports.store.record(event).await?;
        Ok(LoggedIn::Refused)
    }
}

/// Whose failures an attempt counts among: the account's, under whichever of its names it was tried
/// (CVE-2024-28197), or the name's if nobody has it.
fn target(record: Option<&LoginRecord>, identifier: Option<&Identifier>) -> Target {
    match (record, identifier) {
        (Some(record), _) => Target::Account(record.account.user.id),
        (None, Some(identifier)) => Target::Nobody(identifier.key().to_owned()),
        (None, None) => Target::Nobody(String::new()),
    }
}
