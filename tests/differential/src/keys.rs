//! Keys of every algorithm, made for one run, that sign whatever they are given. They sign with AWS-LC
//! directly: our own signer refuses to make most of what is needed here.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use countersign_verify::{Algorithm, KeyId, Keys};
use serde_json::{Value, json};

pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key of every kind. One RSA key serves all RSA algorithms, under a `kid` for each: only the
/// binding of that `kid` to its algorithm keeps them apart.
pub struct KeyRing {
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
    p521: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
    rsa: RsaKeyPair,
    secret: [u8; 64],
    random: SystemRandom,
}

impl KeyRing {
    pub fn generate() -> Self {
        let ec = |curve: &'static EcdsaSigningAlgorithm| {
            EcdsaKeyPair::generate(curve).expect("a key is generated")
        };
        let mut secret = [0; 64];
        aws_lc_rs::rand::fill(&mut secret).expect("there is randomness");
        Self {
            p256: ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            p384: ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            p521: ec(&ECDSA_P521_SHA512_FIXED_SIGNING),
            ed25519: Ed25519KeyPair::generate().expect("a key is generated"),
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key is generated"),
            secret,
            random: SystemRandom::new(),
        }
    }

    /// The `kid` of the key for `algorithm`.
    pub fn kid(algorithm: Algorithm) -> String {
        format!("key-{algorithm}")
    }

    /// The JWS signature of `message`.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        let ec = |pair: &EcdsaKeyPair| {
            let signature = pair.sign(&self.random, message).expect("it signs");
            signature.as_ref().to_vec()
        };
        match algorithm {
            Algorithm::Es256 => ec(&self.p256),
            Algorithm::Es384 => ec(&self.p384),
            Algorithm::Es512 => ec(&self.p521),
            Algorithm::EdDsa => self.ed25519.sign(message).as_ref().to_vec(),
            Algorithm::Hs256 => mac(hmac::HMAC_SHA256, &self.secret, message),
            Algorithm::Hs384 => mac(hmac::HMAC_SHA384, &self.secret, message),
            Algorithm::Hs512 => mac(hmac::HMAC_SHA512, &self.secret, message),
            _ => {
                let encoding: &'static dyn RsaEncoding = match algorithm {
                    Algorithm::Rs256 => &RSA_PKCS1_SHA256,
                    Algorithm::Rs384 => &RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &RSA_PSS_SHA256,
                    Algorithm::Ps384 => &RSA_PSS_SHA384,
                    _ => &RSA_PSS_SHA512,
                };
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                let signed = self
                    .rsa
                    .sign(encoding, &self.random, message, &mut signature);
                signed.expect("it signs");
                signature
            }
        }
    }

    /// The key as a JWK: public, or a secret (`oct`).
    pub fn jwk(&self, algorithm: Algorithm) -> Value {
        let mut jwk = match algorithm {
            Algorithm::Es256 => ec_jwk("P-256", &self.p256),
            Algorithm::Es384 => ec_jwk("P-384", &self.p384),
            Algorithm::Es512 => ec_jwk("P-521", &self.p521),
            Algorithm::EdDsa => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(self.ed25519.public_key())})
            }
            _ if algorithm.is_symmetric() => json!({"kty": "oct", "k": base64url(self.secret)}),
            _ => {
                let numbers = PublicKeyComponents::<Vec<u8>>::from(self.rsa.public_key());
                json!({"kty": "RSA", "n": base64url(numbers.n), "e": base64url(numbers.e)})
            }
        };
        jwk["kid"] = Self::kid(algorithm).into();
        jwk["alg"] = algorithm.as_str().into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// The keys of these algorithms, for our own verifier.
    pub fn trusted(&self, algorithms: &[Algorithm]) -> Keys {
        let mut keys = Keys::new();
        for algorithm in algorithms {
            if algorithm.is_symmetric() {
                let kid: KeyId = Self::kid(*algorithm).parse().expect("a kid");
                let added = keys.add_shared_secret(kid, *algorithm, &self.secret);
                added.expect("a secret of 64 bytes");
            } else {
                let jwk = serde_json::from_value(self.jwk(*algorithm)).expect("a public key");
                keys.add_jwk(&jwk).expect("a kid of its own");
            }
        }
        keys
    }

    /// What an attacker could take for a secret: the public key as it is published in one form or another.
    pub fn public_forms(&self, algorithm: Algorithm) -> Vec<Vec<u8>> {
        let spki: Vec<u8> = match algorithm {
            Algorithm::Es256 => spki(&self.p256),
            Algorithm::Es384 => spki(&self.p384),
            Algorithm::Es512 => spki(&self.p521),
            Algorithm::EdDsa => der(self.ed25519.public_key()),
            _ => der(self.rsa.public_key()),
        };
        let text = STANDARD.encode(&spki);
        let lines: Vec<&str> = (0..text.len())
            .step_by(64)
            .map(|at| &text[at..text.len().min(at + 64)])
            .collect();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
            lines.join("\n")
        );
        let jwk = self.jwk(algorithm);
        let number = ["n", "x"].iter().find_map(|name| jwk[name].as_str());
        vec![
            format!("{pem}\n").into_bytes(),
            pem.into_bytes(),
            spki,
            jwk.to_string().into_bytes(),
            number.unwrap_or_default().as_bytes().to_vec(),
            Vec::new(),
        ]
    }
}

/// The HMAC of `message`.
pub fn mac(hash: hmac::Algorithm, secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hash, secret), message)
        .as_ref()
        .to_vec()
}

fn spki(pair: &EcdsaKeyPair) -> Vec<u8> {
    der(pair.public_key())
}

fn der(key: &impl AsDer<PublicKeyX509Der<'static>>) -> Vec<u8> {
    key.as_der()
        .expect("it has a form in DER")
        .as_ref()
        .to_vec()
}

fn ec_jwk(curve: &str, pair: &EcdsaKeyPair) -> Value {
    let point = pair.public_key().as_ref();
    let (x, y) = point[1..].split_at((point.len() - 1) / 2);
    json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
}
