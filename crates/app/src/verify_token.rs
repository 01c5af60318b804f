//! Telling whether a token is good, for an API that does not check it itself (the answer is that of
//! RFC 7662 in spirit).

use countersign_domain::id::{SessionId, UserId};
use countersign_domain::time::Timestamp;
use countersign_token::Scopes;

use crate::authenticate::{Authenticated, CallerProof};
use crate::throttle::{Kind, Network};
use crate::{App, AppError, Origin};

/// What is known of a token.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenCheck {
    /// It is good now.
    Active(ActiveToken),
    /// It is not. Why is not said: the asker may not be its owner.
    Inactive,
}

/// A token that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveToken {
    /// Whose it is.
    pub user_id: UserId,
    /// Its session; none for a personal access token.
    pub session_id: Option<SessionId>,
    /// What it may do.
    pub scopes: Scopes,
    /// The roles of its user.
    pub roles: Vec<String>,
    /// Which APIs it is for.
    pub audiences: Vec<String>,
    /// When it stops being good.
    pub expires_at: Timestamp,
}

impl App {
    /// Checks an access token for any of the instance's audiences, or a personal access token.
    pub async fn verify_token(&self, token: &str, origin: &Origin) -> Result<TokenCheck, AppError> {
        self.throttles
            .network(Kind::Verify, Network::of(origin.address), self.now())?;
        let audiences: Vec<_> = self.settings.audiences().map(|a| a.name.clone()).collect();
        let caller = match self.authenticate_for(token, origin, &audiences).await? {
            Authenticated::Valid(caller) => caller,
            Authenticated::Invalid(_) => return Ok(TokenCheck::Inactive),
        };
        let (audiences, expires_at) = match &caller.proof {
            CallerProof::Session { token, .. } => (
                token.claims().aud.iter().map(ToString::to_string).collect(),
                Timestamp::from_seconds(token.claims().exp),
            ),
            CallerProof::PersonalToken(token) => (
                vec![self.settings.own_audience.name.to_string()],
                token.expires_at,
            ),
        };
        Ok(TokenCheck::Active(ActiveToken {
            user_id: caller.principal.user_id,
            session_id: caller.principal.session_id(),
            scopes: caller.principal.scopes,
            roles: caller
                .account
                .user
                .roles
                .iter()
                .map(ToString::to_string)
                .collect(),
            audiences,
            expires_at,
        }))
    }
}
