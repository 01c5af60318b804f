//! What the use cases are set to. The binary fills it from its configuration.

use std::time::Duration;

use countersign_domain::keys::{KeyPurpose, KeySchedule};
use countersign_token::{Algorithm, Audience, Issuer, PrivateKey};

use crate::throttle::ThrottleSettings;

/// An API that tokens are made for.
#[derive(Clone, Debug)]
pub struct AudienceSettings {
    /// Its name: the `aud` of its tokens.
    pub name: Audience,
    /// What its tokens are signed with.
    pub algorithm: Algorithm,
    /// The shared secret, if `algorithm` is HS256.
    pub shared_secret: Option<PrivateKey>,
}

/// What the use cases are set to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `iss` of every token.
    pub issuer: Issuer,
    /// The instance's own audience: what its own interfaces accept, and what tokens are made for
    /// unless another is asked for.
    pub own_audience: AudienceSettings,
    /// Other APIs that tokens may be asked for.
    pub other_audiences: Vec<AudienceSettings>,
    /// How long an access token lives.
    pub access_lifetime: Duration,
    /// How far clocks may be apart.
    pub leeway: Duration,
    /// How long a repeated refresh gets the identical answer.
    pub refresh_retry_window: Duration,
    /// How long a session lives without a refresh.
    pub session_idle: Duration,
    /// How long a session lives at most.
    pub session_absolute: Duration,
    /// The most live sessions a user may have.
    pub max_sessions: u32,
    /// How long a personal access token lives at most.
    pub personal_token_lifetime: Duration,
    /// The most live personal access tokens a user may have.
    pub max_personal_tokens: u32,
    /// Whether strangers may sign up.
    pub sign_up_enabled: bool,
    /// How long an `Idempotency-Key` is remembered.
    pub idempotency_lifetime: Duration,
    /// How signing keys come and go. `keep_after` has to be longer than a token's life and the
    /// leeway by twice the time between two reloads of the keys, in which another process may go on
    /// signing with one that was retired.
    pub keys: KeySchedule,
    /// How often callers may come.
    pub throttle: ThrottleSettings,
    /// How long audit events are kept; `None` for ever.
    pub audit_retention: Option<Duration>,
}

impl Settings {
    /// The audience with this name, or the instance's own for `None`.
    pub fn audience(&self, name: Option<&Audience>) -> Option<&AudienceSettings> {
        match name {
            None => Some(&self.own_audience),
            Some(name) => self.audiences().find(|audience| audience.name == *name),
        }
    }

    /// All audiences, the instance's own first.
    pub fn audiences(&self) -> impl Iterator<Item = &AudienceSettings> {
        std::iter::once(&self.own_audience).chain(&self.other_audiences)
    }

    /// What keys are needed for: each algorithm that an audience signs with, and refresh tokens.
    pub fn key_purposes(&self) -> Vec<KeyPurpose> {
        let mut purposes = vec![KeyPurpose::MarkRefresh];
        for audience in self
            .audiences()
            .filter(|audience| audience.shared_secret.is_none())
        {
            let purpose = KeyPurpose::Sign(audience.algorithm);
            if !purposes.contains(&purpose) {
                purposes.push(purpose);
            }
        }
        purposes
    }
}
