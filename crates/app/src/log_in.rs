//! Logging in with a password.
//!
//! Whatever is wrong (no such user, wrong password, disabled, locked), a stranger gets the same
//! answer after the same work: one read, one hash, one write. The audit log knows the difference.

use countersign_domain::audit::{Action, Actor};
use countersign_domain::gate::may_issue;
use countersign_domain::id::UserId;
use countersign_domain::names::{Identifier, Label};
use countersign_domain::opaque::RefreshToken;
use countersign_domain::password::Password;
use countersign_domain::role::Account;
use countersign_domain::session::Session;
use countersign_token::{Audience, Scopes};

use crate::issue::NewSession;
use crate::ports::Verdict;
use crate::ports::store::{LoginRecord, OpenSession, SessionOpened};
use crate::throttle::{Kind, LoginAttempt, Network};
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
        let record = self.login_record(identifier.as_ref()).await?;
        let name = identifier.as_ref().map_or("", Identifier::key);
        let attempt = self.count_login(name, record.as_ref(), network).await?;
        let owner = record.as_ref().map(|record| record.account.user.id);

        let opened = match self.prove(&command, record, &attempt, origin).await? {
            // The hash was replaced meanwhile, perhaps by another login of the same user with the
            // same password: prove it against the new one, once.
            Opening::Stale => {
                let record = self.login_record(identifier.as_ref()).await?;
                self.prove(&command, record, &attempt, origin).await?
            }
            other => other,
        };
        match opened {
            Opening::Open {
                account,
                session,
                refresh,
            } => {
                self.throttles
                    .make_familiar(account.user.id, network, self.now());
                let tokens = self.issue(&account, &session, &refresh, audience, None)?;
                Ok(LoggedIn::LoggedIn { account, tokens })
            }
            Opening::Stale => {
                self.refuse(attempt, origin, owner, "password_changed")
                    .await
            }
            Opening::Refused(why) => self.refuse(attempt, origin, owner, why).await,
        }
    }

    async fn login_record(
        &self,
        identifier: Option<&Identifier>,
    ) -> Result<Option<LoginRecord>, AppError> {
        match identifier {
            Some(identifier) => Ok(self.ports.store.login_record(identifier).await?),
            None => Ok(None),
        }
    }

    /// Counts an attempt at a name, as a failure until it is known to be none.
    pub(crate) async fn count_login(
        &self,
        name: &str,
        record: Option<&LoginRecord>,
        network: Network,
    ) -> Result<LoginAttempt<'_>, AppError> {
        let now = self.now();
        let owner = record.map(|record| record.account.user.id);
        let Some(id) = owner else {
            let counted = self.throttles.log_in(name, None, network, false, now);
            if counted.is_err() {
                // The look that is taken below for a name that somebody has.
                let nobody = UserId::from_parts(now, [0; 10]);
                self.ports.store.live_sessions(nobody, now).await?;
            }
            return counted;
        };
        if self.throttles.knows(id, network, now) {
            return self.throttles.log_in(name, owner, network, true, now);
        }
        match self.throttles.log_in(name, owner, network, false, now) {
            Ok(attempt) if !attempt.is_held() => Ok(attempt),
            // Before an owner is refused for what strangers did: is it a network of theirs, which
            // this process has not seen yet?
            strangers => {
                let sessions = self.ports.store.live_sessions(id, now).await?;
                let is_theirs = sessions
                    .iter()
                    .any(|session| Network::of(session.address) == network);
                if is_theirs {
                    drop(strangers);
                    self.throttles.make_familiar(id, network, now);
                    self.throttles.log_in(name, owner, network, true, now)
                } else {
                    strangers
                }
            }
        }
    }

    async fn prove(
        &self,
        command: &LogIn,
        record: Option<LoginRecord>,
        attempt: &LoginAttempt<'_>,
        origin: &Origin,
    ) -> Result<Opening, AppError> {
        let stored = record.as_ref().and_then(|record| record.password.clone());
        let password = command.password.clone();
        let verdict = self
            .ports
            .passwords
            .verify(password, stored.clone())
            .await?;
        let Some(record) = record else {
            return Ok(Opening::Refused("unknown_user"));
        };
        let Verdict::Match { rehash } = verdict else {
            return Ok(Opening::Refused("wrong_password"));
        };
        if attempt.is_held() {
            return Ok(Opening::Refused("too_many_failures"));
        }
        let user = &record.account.user;
        if let Err(refusal) = may_issue(user, None, self.now()) {
            return Ok(Opening::Refused(refusal.as_str()));
        }
        let asked = NewSession {
            device: command.device.clone(),
            scopes: command.scopes.clone(),
            audience: command.audience.clone(),
        };
        let (session, refresh) = self.new_session(user, asked, origin);
        let (actor, id) = (Actor::User(user.id), Some(user.id));
        let mut event = self.event(origin, actor, Action::LoggedIn, id, Some(session.id));
        if rehash.is_some() {
            event = event.with("rehashed", true);
        }
        let intent = OpenSession {
            session: session.clone(),
            proved: stored,
            rehash,
            max_sessions: self.settings.max_sessions,
            event,
        };
        Ok(match self.ports.store.open_session(intent).await? {
            SessionOpened::Opened { account, .. } => Opening::Open {
                account: Box::new(account),
                session: Box::new(session),
                refresh,
            },
            SessionOpened::Refused(refusal) => Opening::Refused(refusal.as_str()),
            SessionOpened::Stale => Opening::Stale,
        })
    }

    async fn refuse(
        &self,
        attempt: LoginAttempt<'_>,
        origin: &Origin,
        user_id: Option<UserId>,
        why: &str,
    ) -> Result<LoggedIn, AppError> {
        attempt.failed();
        let event = self
            .event(
                origin,
                Actor::Anonymous,
                Action::LoginRefused,
                user_id,
                None,
            )
            .with("reason", why);
        self.ports.store.record(event).await?;
        Ok(LoggedIn::Refused)
    }
}

/// How far an attempt got.
enum Opening {
    Open {
        account: Box<Account>,
        session: Box<Session>,
        refresh: RefreshToken,
    },
    Stale,
    Refused(&'static str),
}
