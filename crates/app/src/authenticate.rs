//! Who calls: an access token or a personal access token to a principal.
//!
//! The signature is checked without the store; then one read tells whether the session still lives
//! and the account is still active, so that a session ended or a user disabled is out at once. What
//! the token may do is cut down to what the user may do by now.

use std::sync::Arc;

use countersign_domain::access::{Principal, Proof};
use countersign_domain::audit::{Action, Actor};
use countersign_domain::gate::may_issue;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::opaque::PersonalSecret;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::Account;
use countersign_domain::session::Session;
use countersign_domain::time::Timestamp;
use countersign_token::{Audience, Expected, Rejection, Verified};

use crate::{App, AppError, Origin};

/// A caller who is known.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is and what they may do.
    pub principal: Principal,
    /// Their account as it stands.
    pub account: Account,
    /// What they proved it with.
    pub proof: CallerProof,
}

/// What a caller proved who they are with.
#[derive(Clone, Debug)]
pub enum CallerProof {
    /// An access token.
    Session {
        /// The token's claims.
        token: Arc<Verified>,
        /// Its session.
        session: Box<Session>,
    },
    /// A personal access token.
    PersonalToken(Box<PersonalToken>),
}

/// What came of a bearer value.
#[must_use]
#[derive(Debug)]
pub enum Authenticated {
    /// It is good.
    Valid(Box<Caller>),
    /// It is not; the call must be refused and never go on as an anonymous one.
    Invalid(InvalidBearer),
}

/// Why a bearer value is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidBearer {
    /// The access token itself.
    Token(Rejection),
    /// It is no token of ours, or is revoked.
    Unknown,
    /// Its life is over.
    Expired,
    /// Its session has ended.
    SessionEnded,
    /// Its user may not get in.
    UserShut,
}

impl InvalidBearer {
    /// A stable code. Telling the bearer why is safe: they hold the token.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(rejection) => rejection.code(),
            Self::Unknown => "unknown_token",
            Self::Expired => "expired",
            Self::SessionEnded => "session_ended",
            Self::UserShut => "user_shut",
        }
    }
}

impl App {
    /// Finds out who presents `bearer` to the instance's own interfaces.
    pub async fn authenticate(
        &self,
        bearer: &str,
        origin: &Origin,
    ) -> Result<Authenticated, AppError> {
        let own = &self.settings.own_audience;
        self.authenticate_for(bearer, origin, std::slice::from_ref(&own.name))
            .await
    }

    /// The same for a token that may be made for any of `audiences`.
    pub(crate) async fn authenticate_for(
        &self,
        bearer: &str,
        origin: &Origin,
        audiences: &[Audience],
    ) -> Result<Authenticated, AppError> {
        if PersonalSecret::looks_like_one(bearer) {
            return self.personal(bearer, origin).await;
        }
        let now = self.now();
        let mut verified = self.verified(bearer, audiences, now);
        if matches!(verified, Err(Rejection::UnknownKey)) {
            self.keys.catch_up(now).await?;
            verified = self.verified(bearer, audiences, now);
        }
        let token = match verified {
            Ok(token) => token,
            Err(rejection) => {
                return Ok(Authenticated::Invalid(InvalidBearer::Token(rejection)));
            }
        };
        let claims = token.claims();
        let Some(Ok(session_id)) = claims.sid.as_deref().map(str::parse::<SessionId>) else {
            return Ok(Authenticated::Invalid(InvalidBearer::Unknown));
        };
        let Ok(user_id) = claims.sub.parse::<UserId>() else {
            return Ok(Authenticated::Invalid(InvalidBearer::Unknown));
        };
        let found = self.ports.store.session_of(user_id, session_id).await?;
        let Some((session, account)) = found else {
            return Ok(Authenticated::Invalid(InvalidBearer::SessionEnded));
        };
        if let Err(refusal) = may_issue(&account.user, Some(&session), now) {
            return Ok(Authenticated::Invalid(refusal.into()));
        }
        let principal = Principal {
            user_id: account.user.id,
            proof: Proof::Session(session_id),
            scopes: account.narrowed_scopes(Some(&claims.scope)),
        };
        let proof = CallerProof::Session {
            token,
            session: Box::new(session),
        };
        Ok(Authenticated::Valid(Box::new(Caller {
            principal,
            account,
            proof,
        })))
    }

    fn verified(
        &self,
        bearer: &str,
        audiences: &[Audience],
        now: Timestamp,
    ) -> Result<Arc<Verified>, Rejection> {
        let expected = || {
            let ours = self
                .settings
                .audiences()
                .filter(|own| audiences.contains(&own.name));
            let algorithms = ours.map(|audience| audience.algorithm).collect();
            let issuer = self.settings.issuer.clone();
            Expected::any_of(issuer, audiences.to_vec(), algorithms)
                .map(|expected| expected.with_leeway_seconds(self.leeway_seconds()))
                .map_err(|_| Rejection::WrongAudience)
        };
        let verified = self.keys.snapshot().verify(bearer, expected, now)?;
        // One found among those verified before may have died since, or be for another API.
        let claims = verified.claims();
        if claims.exp.saturating_add(self.leeway_seconds().into()) <= now.as_seconds() {
            return Err(Rejection::Expired);
        }
        if !claims.aud.iter().any(|aud| audiences.contains(aud)) {
            return Err(Rejection::WrongAudience);
        }
        if !claims
            .aud
            .iter()
            .all(|aud| self.may_sign_for(&verified, aud))
        {
            return Err(Rejection::UnknownKey);
        }
        Ok(verified)
    }

    /// Whether the key of a token is one that signs for an audience: whoever knows the shared secret
    /// of one API must not make tokens for another, least of all for this one.
    fn may_sign_for(&self, token: &Verified, audience: &Audience) -> bool {
        self.settings
            .audience(Some(audience))
            .is_some_and(|audience| {
                let is_shared = audience.shared_secret.as_ref();
                audience.algorithm == token.algorithm()
                    && is_shared.is_none_or(|secret| secret.key_id() == token.key_id())
            })
    }

    fn leeway_seconds(&self) -> u32 {
        u32::try_from(self.settings.leeway.as_secs()).unwrap_or(0)
    }

    async fn personal(&self, bearer: &str, origin: &Origin) -> Result<Authenticated, AppError> {
        let now = self.now();
        let Ok(presented) = PersonalSecret::parse(bearer) else {
            return Ok(Authenticated::Invalid(InvalidBearer::Unknown));
        };
        let Some((token, account)) = self.ports.store.personal_token(presented.id()).await? else {
            return Ok(Authenticated::Invalid(InvalidBearer::Unknown));
        };
        if token.hash != presented.hash() || token.revoked_at.is_some() {
            return Ok(Authenticated::Invalid(InvalidBearer::Unknown));
        }
        if !token.is_live(now) {
            return Ok(Authenticated::Invalid(InvalidBearer::Expired));
        }
        if let Err(refusal) = may_issue(&account.user, None, now) {
            return Ok(Authenticated::Invalid(refusal.into()));
        }
        if token.wants_use_noted(now) {
            let (actor, user) = (Actor::PersonalToken(token.id), Some(account.user.id));
            let event = self.event(origin, actor, Action::PersonalTokenUsed, user, None);
            let noted = self
                .ports
                .store
                .note_personal_token_use(token.id, now, event)
                .await;
            // A store that can be read but not written still answers reads.
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of a personal access token was not noted");
            }
        }
        let principal = Principal {
            user_id: account.user.id,
            proof: Proof::PersonalToken(token.id),
            scopes: account.narrowed_scopes(Some(&token.scopes)),
        };
        let proof = CallerProof::PersonalToken(Box::new(token));
        Ok(Authenticated::Valid(Box::new(Caller {
            principal,
            account,
            proof,
        })))
    }
}

impl From<countersign_domain::gate::Refusal> for InvalidBearer {
    fn from(refusal: countersign_domain::gate::Refusal) -> Self {
        use countersign_domain::gate::Refusal;
        match refusal {
            Refusal::UserDisabled | Refusal::UserLocked => Self::UserShut,
            Refusal::SessionEnded => Self::SessionEnded,
            Refusal::SessionExpired => Self::Expired,
            Refusal::NotTheirs => Self::Unknown,
        }
    }
}
