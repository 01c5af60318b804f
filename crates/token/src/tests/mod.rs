//! The crate from outside: an issuer, its key, and tokens forged beside it. The forger signs with
//! another library, so that no check here hides behind our own signer.

mod algorithms;
mod attacks_on_claims;
mod attacks_on_headers;
mod attacks_on_keys;
mod attacks_on_parsing;
mod attacks_on_profiles;
mod key_sets;
mod profiles;
mod properties;
mod required_claims;
mod round_trips;

use jsonwebtoken::{Algorithm as Alg, EncodingKey};
use serde_json::{Value, json};

use crate::{AccessTokenClaims, Algorithm, Expected, Keys, PrivateKey, Rejection, verify};

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const SECRET: &[u8] = b"a shared secret of more than thirty-two bytes";

/// Claims that [`expected`] accepts at [`NOW`].
pub(crate) fn claims() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: "https://id.example.com".parse().unwrap(),
        aud: vec!["https://api.example.com".parse().unwrap()],
        sub: "user-1".into(),
        client_id: "web".into(),
        jti: "token-1".into(),
        iat: NOW - 60,
        exp: NOW + 540,
        scope: "profile:read users:read".parse().unwrap(),
        roles: vec!["admin".into()],
        sid: Some("session-1".into()),
        auth_time: Some(NOW - 60),
        amr: vec!["pwd".into()],
        acr: Some("1".into()),
    }
}

pub(crate) fn expected(algorithm: Algorithm) -> Expected {
    let audience = "https://api.example.com".parse().unwrap();
    Expected::new(
        "https://id.example.com".parse().unwrap(),
        audience,
        algorithm,
    )
    .with_leeway_seconds(0)
}

/// An issuer with an ES256 key whose header and claims can be bent before signing.
pub(crate) struct Forge {
    pub(crate) key: PrivateKey,
    pub(crate) keys: Keys,
    pub(crate) header: Value,
    pub(crate) payload: Value,
}

impl Forge {
    pub(crate) fn new() -> Self {
        let key = PrivateKey::generate(Algorithm::Es256).unwrap();
        Self {
            keys: Keys::from_private_key(&key).unwrap(),
            header: json!({"typ": "at+jwt", "alg": "ES256", "kid": key.key_id()}),
            payload: serde_json::to_value(claims()).unwrap(),
            key,
        }
    }

    /// Sets a member of the header; `null` removes it.
    pub(crate) fn header(mut self, name: &str, value: Value) -> Self {
        set(&mut self.header, name, value);
        self
    }

    /// Sets a claim; `null` removes it.
    pub(crate) fn claim(mut self, name: &str, value: Value) -> Self {
        set(&mut self.payload, name, value);
        self
    }

    pub(crate) fn token(&self) -> String {
        self.sign(&self.header.to_string(), &self.payload.to_string())
    }

    /// Signs whatever stands there, with the issuer's key.
    pub(crate) fn sign(&self, header: &str, payload: &str) -> String {
        let key = EncodingKey::from_ec_der(&self.key.to_bytes());
        sign_with(&key, Alg::ES256, header, payload)
    }

    pub(crate) fn verdict(&self) -> Result<(), Rejection> {
        self.verdict_on(&self.token())
    }

    pub(crate) fn verdict_on(&self, token: &str) -> Result<(), Rejection> {
        verify(token, &self.keys, &expected(Algorithm::Es256), NOW).map(drop)
    }

    /// The verdict on this claims set, as text, under the honest header.
    pub(crate) fn verdict_on_payload(&self, payload: &str) -> Result<(), Rejection> {
        self.verdict_on(&self.sign(&self.header.to_string(), payload))
    }
}

pub(crate) fn sign_with(key: &EncodingKey, alg: Alg, header: &str, payload: &str) -> String {
    let encode = |text: &str| crate::base64url::encode(text);
    let message = format!("{}.{}", encode(header), encode(payload));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, alg).unwrap();
    format!("{message}.{signature}")
}

fn set(object: &mut Value, name: &str, value: Value) {
    let members = object.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
}

#[test]
fn the_forge_makes_good_tokens_when_nothing_is_bent() {
    assert_eq!(Forge::new().verdict(), Ok(()));
}
