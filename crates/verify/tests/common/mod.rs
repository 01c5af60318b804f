//! An issuer to test against: its keys, its tokens, and a clock that stands still until it is moved.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses its part of this one"
)]

#[cfg(feature = "fetch")]
pub mod issuer;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use countersign_token::{AccessTokenClaims, Algorithm, Expected, JwkSet, PrivateKey, Signer};
use countersign_verify::Clock;

pub const NOW: i64 = 1_800_000_000;

#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(NOW)))
    }

    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn unix_seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub fn key() -> PrivateKey {
    PrivateKey::generate(Algorithm::Es256).unwrap()
}

pub fn key_set(keys: &[&PrivateKey]) -> JwkSet {
    JwkSet::new(keys.iter().filter_map(|key| key.public_jwk())).unwrap()
}

pub fn expected() -> Expected {
    Expected::new(
        "https://id.example.com".parse().unwrap(),
        "https://api.example.com".parse().unwrap(),
        Algorithm::Es256,
    )
}

pub fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: "https://id.example.com".parse().unwrap(),
        aud: vec!["https://api.example.com".parse().unwrap()],
        sub: "user-1".into(),
        client_id: "web".into(),
        jti: "token-1".into(),
        iat: NOW,
        exp: NOW + 7 * 24 * 3_600,
        scope: "profile:read users:read".parse().unwrap(),
        roles: vec!["editor".into()],
        sid: Some("session-1".into()),
        auth_time: Some(NOW),
        amr: vec!["pwd".into()],
        acr: None,
    }
}

pub fn token(key: &PrivateKey) -> String {
    token_of(key, &claims())
}

pub fn token_of(key: &PrivateKey, claims: &AccessTokenClaims) -> String {
    Signer::new(key.clone()).unwrap().sign(claims).unwrap()
}
