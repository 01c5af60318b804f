//! A stranger makes an account and is logged in to it.

use countersign_domain::audit::{Action, Actor};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Identifier, Label, Username};
use countersign_domain::opaque::TokenHash;
use countersign_domain::password::{Password, WeakPassword};
use countersign_domain::role::{Account, RoleNames};
use countersign_domain::standing::By;
use countersign_domain::user::{User, UserState};
use countersign_token::{Audience, Scopes};
use sha2::{Digest, Sha256};

use crate::issue::NewSession;
use crate::log_in::{LogIn, LoggedIn};
use crate::ports::StoreError;
use crate::ports::store::{Idempotency, SignUp as Intent, SignedUp};
use crate::throttle::{Kind, Network};
use crate::{App, AppError, Origin, Tokens};

/// What a stranger gives.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// A username, an e-mail address, or both.
    pub username: Option<Username>,
    /// See `username`.
    pub email: Option<EmailAddress>,
    /// What others see.
    pub display_name: Option<Label>,
    /// The password.
    pub password: Password,
    /// What the device is called.
    pub device: Option<Label>,
    /// Narrows what the tokens may do.
    pub scopes: Option<Scopes>,
    /// Which API the tokens are for.
    pub audience: Option<Audience>,
    /// Makes a repeated call harmless.
    pub idempotency_key: Option<String>,
}

/// What comes of it.
#[must_use]
#[derive(Clone, Debug)]
pub enum SignUpOutcome {
    /// The account is made, and its first session open.
    SignedUp {
        /// The account.
        account: Box<Account>,
        /// The session's tokens.
        tokens: Tokens,
    },
    /// Neither a username nor an e-mail address was given.
    NoIdentifier,
    /// The password is too weak.
    Weak(WeakPassword),
    /// Somebody has the address.
    EmailTaken,
    /// Somebody has the name.
    UsernameTaken,
    /// This instance takes no sign-ups.
    Closed,
    /// There is no such audience.
    UnknownAudience,
    /// The idempotency key came with another request before.
    IdempotencyKeyReused,
}

impl App {
    /// Makes an account and opens its first session.
    pub async fn sign_up(
        &self,
        command: SignUp,
        origin: &Origin,
    ) -> Result<SignUpOutcome, AppError> {
        if !self.settings.sign_up_enabled {
            return Ok(SignUpOutcome::Closed);
        }
        let network = Network::of(origin.address);
        self.throttles.network(Kind::SignUp, network, self.now())?;
        let Some(audience) = self.settings.audience(command.audience.as_ref()) else {
            return Ok(SignUpOutcome::UnknownAudience);
        };
        if command.username.is_none() && command.email.is_none() {
            self.throttles.give_back(Kind::SignUp, network);
            return Ok(SignUpOutcome::NoIdentifier);
        }
        let user = self.new_user(&command);
        if let Err(weak) = self.assess(&command.password, &user).await {
            // Whoever has to think of another password has not signed up yet. The estimate, though,
            // is work.
            if !matches!(weak, WeakPassword::Guessable { .. }) {
                self.throttles.give_back(Kind::SignUp, network);
            }
            return Ok(SignUpOutcome::Weak(weak));
        }
        let hash = self.ports.passwords.hash(command.password.clone()).await?;
        let asked = NewSession {
            device: command.device.clone(),
            scopes: command.scopes.clone(),
            audience: command.audience.clone(),
        };
        let (session, refresh) = self.new_session(&user, asked, origin);
        let event = self.event(
            origin,
            Actor::User(user.id),
            Action::SignedUp,
            Some(user.id),
            Some(session.id),
        );
        let intent = Intent {
            by: By::Operator,
            user: user.clone(),
            password: Some(hash),
            session: Some(session.clone()),
            idempotency: self.idempotency(&command),
            event,
        };
        Ok(match self.ports.store.sign_up(intent).await? {
            SignedUp::Created => {
                self.throttles
                    .make_familiar(user.id, Network::of(origin.address), self.now());
                let account = Account {
                    user,
                    roles: Vec::new(),
                };
                let tokens = self.issue(&account, &session, &refresh, audience, None)?;
                SignUpOutcome::SignedUp {
                    account: Box::new(account),
                    tokens,
                }
            }
            SignedUp::CallerLost(lost) => return Err(lost.into()),
            SignedUp::EmailTaken => SignUpOutcome::EmailTaken,
            SignedUp::UsernameTaken => SignUpOutcome::UsernameTaken,
            SignedUp::KeyReused => SignUpOutcome::IdempotencyKeyReused,
            SignedUp::Repeated(user_id) => self.repeated(user_id, command, origin).await?,
            // Who signs up by themselves asks for no role.
            SignedUp::UnknownRole => {
                let what = "a sign-up without roles was refused for one".to_owned();
                return Err(StoreError::Corrupt(what).into());
            }
        })
    }

    fn new_user(&self, command: &SignUp) -> User {
        let (now, random) = self.id_parts();
        User {
            id: UserId::from_parts(now, random),
            username: command.username.clone(),
            email: command.email.clone(),
            email_verified: false,
            display_name: command.display_name.clone(),
            state: UserState::Active,
            roles: RoleNames::new(),
            scopes: Scopes::default(),
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// The request is remembered without its password: a fast hash of one must not be stored.
    fn idempotency(&self, command: &SignUp) -> Option<Idempotency> {
        let key = command.idempotency_key.as_ref()?;
        let now = self.now();
        let mut request = Sha256::new();
        for part in [
            command.username.as_ref().map(Username::as_str),
            command.email.as_ref().map(EmailAddress::key),
            command.display_name.as_ref().map(Label::as_str),
        ] {
            let part = part.unwrap_or_default();
            request.update(part.len().to_be_bytes());
            request.update(part.as_bytes());
        }
        Some(Idempotency {
            key: TokenHash::from_bytes(Sha256::digest(key.as_bytes()).into()),
            request: TokenHash::from_bytes(request.finalize().into()),
            now,
            expires_at: now.plus(self.settings.idempotency_lifetime),
        })
    }

    /// The call was made before and its answer got lost: whoever repeats it with the same password
    /// is logged in; with another one, it is another request.
    async fn repeated(
        &self,
        user_id: UserId,
        command: SignUp,
        origin: &Origin,
    ) -> Result<SignUpOutcome, AppError> {
        let identifier = match (command.email, command.username) {
            (Some(email), _) => Identifier::Email(email),
            (None, Some(username)) => Identifier::Username(username),
            (None, None) => return Ok(SignUpOutcome::NoIdentifier),
        };
        let log_in = LogIn {
            identifier: identifier.key().to_owned(),
            password: command.password,
            device: command.device,
            scopes: command.scopes,
            audience: command.audience,
        };
        Ok(match self.log_in(log_in, origin).await? {
            LoggedIn::LoggedIn { account, tokens } if account.user.id == user_id => {
                SignUpOutcome::SignedUp { account, tokens }
            }
            LoggedIn::UnknownAudience => SignUpOutcome::UnknownAudience,
            LoggedIn::LoggedIn { .. } | LoggedIn::Refused => SignUpOutcome::IdempotencyKeyReused,
        })
    }
}
