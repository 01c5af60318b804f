//! Making tokens: the one place that turns a session and an account into an access token
//! (RFC 9068) and a refresh token. Whoever comes here has passed the issuance gate in the store's
//! own change.

use std::time::Duration;

use countersign_domain::id::SessionId;
use countersign_domain::opaque::RefreshToken;
use countersign_domain::role::Account;
use countersign_domain::session::{RefreshState, Session};
use countersign_domain::time::Timestamp;
use countersign_domain::user::User;
use countersign_token::{AccessTokenClaims, Audience, Scopes};
use secrecy::SecretString;

use crate::settings::AudienceSettings;
use crate::{App, AppError, Origin};

/// The client that the instance's own interfaces speak for (`client_id`, RFC 9068 §2.2).
pub(crate) const OWN_CLIENT: &str = "countersign";

/// The tokens of a session, as a client gets them.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// A signed access token.
    pub access_token: SecretString,
    /// How long it lives.
    pub expires_in: Duration,
    /// What it may do.
    pub scopes: Scopes,
    /// The token that gets the next ones.
    pub refresh_token: SecretString,
    /// When that is of no more use, unless it is used before.
    pub refresh_expires_at: Timestamp,
    /// The session.
    pub session_id: SessionId,
}

/// What a new session is made of.
pub(crate) struct NewSession {
    pub(crate) device: Option<countersign_domain::names::Label>,
    pub(crate) scopes: Option<Scopes>,
    pub(crate) audience: Option<Audience>,
}

impl App {
    /// A new session of `user`, proved by password now, and its first refresh token.
    pub(crate) fn new_session(
        &self,
        user: &User,
        asked: NewSession,
        origin: &Origin,
    ) -> (Session, RefreshToken) {
        let (now, random) = self.id_parts();
        let id = SessionId::from_parts(now, random);
        let token = RefreshToken::first(id, self.ports.entropy.bytes());
        let session = Session {
            id,
            user_id: user.id,
            device: origin.device(asked.device),
            address: origin.address,
            asked_scopes: asked.scopes,
            audience: asked.audience,
            amr: vec!["pwd".to_owned()],
            authenticated_at: now,
            created_at: now,
            last_seen_at: now,
            idle_expires_at: now.plus(self.settings.session_idle),
            expires_at: now.plus(self.settings.session_absolute),
            ended: None,
            refresh: RefreshState {
                generation: 0,
                current: token.hash(),
                previous: None,
                nonce: [0; 32],
                rotated_at: now,
            },
        };
        (session, token)
    }

    /// The tokens of `session`. The access token carries what the account may do, less what the
    /// session was narrowed to, less what this call asks for; it never outlives the session.
    pub(crate) fn issue(
        &self,
        account: &Account,
        session: &Session,
        refresh: &RefreshToken,
        audience: &AudienceSettings,
        narrowed: Option<&Scopes>,
    ) -> Result<Tokens, AppError> {
        let now = self.now();
        let mut scopes = account.narrowed_scopes(session.asked_scopes.as_ref());
        if let Some(narrowed) = narrowed {
            scopes = scopes.intersection(narrowed);
        }
        let expires_at = now
            .plus(self.settings.access_lifetime)
            .min(session.expires_at);
        let (id_time, random) = self.id_parts();
        let claims = AccessTokenClaims {
            iss: self.settings.issuer.clone(),
            aud: vec![audience.name.clone()],
            sub: account.user.id.to_string(),
            client_id: OWN_CLIENT.to_owned(),
            jti: countersign_domain::id::EventId::from_parts(id_time, random).to_string(),
            iat: now.as_seconds(),
            exp: expires_at.as_seconds(),
            scope: scopes.clone(),
            roles: account.user.roles.iter().map(ToString::to_string).collect(),
            sid: Some(session.id.to_string()),
            auth_time: Some(session.authenticated_at.as_seconds()),
            amr: session.amr.clone(),
            // One factor: the first level of NIST SP 800-63B-4.
            acr: Some("aal1".to_owned()),
        };
        let access_token = SecretString::from(self.keys.sign(audience, &claims, now)?);
        let keys = self.keys.refresh_keys(now)?;
        let key = keys
            .first()
            .ok_or(crate::KeyRingError::Missing("mark refresh tokens with"))?;
        Ok(Tokens {
            access_token,
            expires_in: Duration::from_secs(
                u64::try_from(expires_at.as_seconds() - now.as_seconds()).unwrap_or(0),
            ),
            scopes,
            refresh_token: refresh.reveal(key),
            refresh_expires_at: session.ends_at(),
            session_id: session.id,
        })
    }
}
