//! What the machine can do at most: the primitives by themselves.

use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    ParsedPublicKey,
};
use countersign_token::{AccessTokenClaims, Algorithm, Expected, Keys, PrivateKey, Signer, verify};

/// How often a second `work` can be done by as many threads as there are cores.
fn rate(time: Duration, work: impl Fn() + Sync) -> f64 {
    let threads = std::thread::available_parallelism().map_or(1, Into::into);
    let start = Instant::now();
    let done: u64 = std::thread::scope(|scope| {
        let tasks: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = 0u64;
                    while start.elapsed() < time {
                        work();
                        done += 1;
                    }
                    done
                })
            })
            .collect();
        tasks
            .into_iter()
            .map(|task| task.join().expect("a thread"))
            .sum()
    });
    done as f64 / start.elapsed().as_secs_f64()
}

/// Argon2id at the default parameters, hashes a second.
pub fn argon2(time: Duration) -> f64 {
    use argon2::{Algorithm, Argon2, Params, Version};
    let params = Params::new(19 * 1024, 2, 1, Some(32)).expect("parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    rate(time, || {
        let mut out = [0; 32];
        argon2
            .hash_password_into(b"a password", b"0123456789abcdef", &mut out)
            .expect("a hash");
    })
}

/// ES256 by AWS-LC alone: verifications and signatures a second.
pub fn es256(time: Duration) -> (f64, f64) {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    // As long as a token's signing input.
    let message = vec![7; 620];
    let signature = key.sign(&random, &message).expect("a signature");
    let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref())
        .expect("a public key");
    let verified = rate(time, || {
        public
            .verify_sig(&message, signature.as_ref())
            .expect("verifies");
    });
    let signed = rate(time, || {
        key.sign(&random, &message).expect("signs");
    });
    (verified, signed)
}

/// ES256 access tokens through `verify`, a second.
pub fn tokens(time: Duration) -> f64 {
    let key = PrivateKey::generate(Algorithm::Es256).expect("a key");
    let keys = Keys::from_private_key(&key).expect("keys");
    let issuer: countersign_token::Issuer = "https://id.example.com".parse().expect("an issuer");
    let audience: countersign_token::Audience =
        "https://api.example.com".parse().expect("an audience");
    let claims = AccessTokenClaims {
        iss: issuer.clone(),
        aud: vec![audience.clone()],
        sub: "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55".into(),
        client_id: "countersign".into(),
        jti: "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e56".into(),
        iat: 1_800_000_000,
        exp: 1_800_000_600,
        scope: "account:read account:write".parse().expect("scopes"),
        roles: vec![],
        sid: Some("0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e57".into()),
        auth_time: Some(1_800_000_000),
        amr: vec!["pwd".into()],
        acr: Some("aal1".into()),
    };
    let token = Signer::new(key)
        .expect("a signer")
        .sign(&claims)
        .expect("a token");
    let expected = Expected::new(issuer, audience, Algorithm::Es256);
    rate(time, || {
        verify(&token, &keys, &expected, 1_800_000_100).expect("verifies");
    })
}

/// A hash of a password at the default parameters, as `users import` takes it.
pub fn phc(password: &str) -> String {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
    let params = Params::new(19 * 1024, 2, 1, Some(32)).expect("parameters");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2
        .hash_password(password.as_bytes())
        .expect("a hash")
        .to_string()
}
