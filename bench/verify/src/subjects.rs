//! What is measured in this process: the bare signature, `verify`, and the `jsonwebtoken` crate. Each is given
//! its key beforehand, and does all that a server does at each request.

use std::str::FromStr as _;

use countersign_verify::{Algorithm, Expected, KeyId, Keys, Verifier};
use jsonwebtoken::{DecodingKey, Validation, decode};
use serde::Deserialize;
use tokio::runtime::{Builder, Runtime};

use crate::signed::{AUDIENCE, ISSUER, Signed};

/// `verify` for one algorithm.
pub struct Ours {
    verifier: Verifier,
    token: String,
    runtime: Runtime,
}

impl Ours {
    pub fn new(signed: &Signed) -> Self {
        let algorithm = Algorithm::from_str(&signed.alg).expect("an algorithm");
        let mut keys = Keys::new();
        if algorithm.is_symmetric() {
            let kid: KeyId = signed.jwk["kid"]
                .as_str()
                .unwrap_or_default()
                .parse()
                .expect("a kid");
            let added = keys.add_shared_secret(kid, algorithm, &signed.number("k"));
            added.expect("a secret that is long enough");
        } else {
            let jwk = serde_json::from_value(signed.jwk.clone()).expect("a public key");
            keys.add_jwk(&jwk).expect("the only key");
        }
        let issuer = ISSUER.parse().expect("an issuer");
        let audience = AUDIENCE.parse().expect("an audience");
        Self {
            verifier: Verifier::new(Expected::new(issuer, audience, algorithm), keys),
            token: signed.token.clone(),
            runtime: Builder::new_current_thread().build().expect("a runtime"),
        }
    }

    #[must_use]
    pub fn with_cache(mut self) -> Self {
        self.verifier = self.verifier.with_cache(1_000);
        self
    }

    /// Verifies as often as it is told, in one task: as in a server, no runtime is entered for each token.
    pub fn check(self) -> impl Fn(u32) {
        move |times| {
            self.runtime.block_on(async {
                for _ in 0..times {
                    let verified = self.verifier.verify(&self.token).await;
                    std::hint::black_box(verified.expect("it verifies"));
                }
            });
        }
    }
}

/// The claims, as an API would have them read.
#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is what is measured")]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    jti: String,
    iat: i64,
    exp: i64,
    scope: String,
    sid: Option<String>,
    auth_time: Option<i64>,
    amr: Vec<String>,
    acr: Option<String>,
}

/// The `jsonwebtoken` crate; `None` if it has no such algorithm.
pub fn jsonwebtoken(signed: &Signed) -> Option<impl Fn() + use<>> {
    let algorithm = jsonwebtoken::Algorithm::from_str(&signed.alg).ok()?;
    let jwk = serde_json::from_value(signed.jwk.clone()).ok()?;
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    let token = signed.token.clone();
    Some(move || {
        let verified = decode::<Claims>(&token, &key, &validation);
        std::hint::black_box(verified.expect("it verifies"));
    })
}
