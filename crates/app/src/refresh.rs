//! A refresh token to new tokens (RFC 6749 §6, RFC 9700 §4.14.2).

use countersign_domain::audit::{Action, Actor};
use countersign_domain::opaque::{InvalidRefreshToken, RefreshKey, RefreshToken};
use countersign_domain::refresh::Presented;
use countersign_domain::role::Account;
use countersign_domain::session::Session;
use countersign_domain::time::Timestamp;
use countersign_token::{Audience, Scopes};

use crate::ports::store::{RotateRefresh, Rotated};
use crate::throttle::{Kind, Network};
use crate::{App, AppError, Origin, Tokens};

/// What a client gives.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// The refresh token.
    pub refresh_token: String,
    /// Narrows what the new access token may do, below what the login asked for.
    pub scopes: Option<Scopes>,
    /// Which API the access token is for, if another than the login asked for.
    pub audience: Option<Audience>,
}

/// What comes of it.
#[must_use]
#[derive(Clone, Debug)]
pub enum Refreshed {
    /// New tokens; the token that was given is spent.
    Refreshed {
        /// The account.
        account: Box<Account>,
        /// The tokens.
        tokens: Tokens,
    },
    /// No. The client has to log in again.
    Refused,
    /// There is no such audience: the one asked for, or, as the configuration was changed since, the
    /// one that the login asked for.
    UnknownAudience,
}

impl App {
    /// Spends a refresh token for new tokens.
    pub async fn refresh(&self, command: Refresh, origin: &Origin) -> Result<Refreshed, AppError> {
        let now = self.now();
        let network = Network::of(origin.address);
        self.throttles.network(Kind::Refresh, network, now)?;
        let Some((token, key)) = self.parse_refresh(&command.refresh_token, now).await? else {
            return Ok(Refreshed::Refused);
        };
        if self.settings.audience(command.audience.as_ref()).is_none() {
            return Ok(Refreshed::UnknownAudience);
        }
        self.throttles.session(token.session_id(), now)?;

        let nonce = self.ports.entropy.bytes();
        let successor = token.successor(&key, &nonce);
        let session_id = token.session_id();
        let event = |action| self.event(origin, Actor::Anonymous, action, None, Some(session_id));
        let intent = RotateRefresh {
            session_id,
            presented: Presented {
                generation: token.generation(),
                hash: token.hash(),
            },
            successor: successor.hash(),
            nonce,
            retry_window: self.settings.refresh_retry_window,
            now,
            idle_expires_at: now.plus(self.settings.session_idle),
            event: event(Action::Refreshed),
            reuse_event: event(Action::RefreshReused),
        };
        match self.ports.store.rotate(intent).await? {
            Rotated::Rotated(session, account) => {
                self.throttles.make_familiar(account.user.id, network, now);
                self.renewed(&command, &session, account, &successor)
            }
            Rotated::Retried {
                nonce,
                session,
                account,
            } => {
                let successor = token.successor(&key, &nonce);
                if successor.hash() == session.refresh.current {
                    let user_id = Some(session.user_id);
                    let action = Action::Refreshed;
                    let event = self
                        .event(origin, Actor::Anonymous, action, user_id, Some(session_id))
                        .with("retried", true);
                    self.ports.store.record(event).await?;
                    self.renewed(&command, &session, account, &successor)
                } else {
                    Ok(Refreshed::Refused)
                }
            }
            Rotated::Reused { .. } | Rotated::Refused(_) | Rotated::Unknown => {
                Ok(Refreshed::Refused)
            }
        }
    }

    /// Reads a refresh token that this instance, or another one, marked; also gives the key to mark
    /// its successor with. `None` if nobody did.
    pub(crate) async fn parse_refresh(
        &self,
        text: &str,
        now: Timestamp,
    ) -> Result<Option<(RefreshToken, RefreshKey)>, AppError> {
        for is_last in [false, true] {
            let keys = self.keys.refresh_keys(now)?;
            match RefreshToken::parse(text, &keys) {
                Ok(token) => {
                    let key = keys.into_iter().next();
                    return Ok(key.map(|key| (token, key)));
                }
                Err(InvalidRefreshToken::NotOurs) if !is_last => self.keys.catch_up(now).await?,
                Err(_) => break,
            }
        }
        Ok(None)
    }

    fn renewed(
        &self,
        command: &Refresh,
        session: &Session,
        account: Account,
        successor: &RefreshToken,
    ) -> Result<Refreshed, AppError> {
        // In the last second of a session there is no time for a token.
        if session.expires_at.as_seconds() <= self.now().as_seconds() {
            return Ok(Refreshed::Refused);
        }
        let name = command.audience.as_ref().or(session.audience.as_ref());
        let Some(audience) = self.settings.audience(name) else {
            return Ok(Refreshed::UnknownAudience);
        };
        let narrowed = command.scopes.as_ref();
        let tokens = self.issue(&account, session, successor, audience, narrowed)?;
        Ok(Refreshed::Refreshed {
            account: Box::new(account),
            tokens,
        })
    }
}
