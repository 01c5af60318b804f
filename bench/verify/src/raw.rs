//! The ceiling: AWS-LC's check of a signature by itself, with a key that is parsed and ready.

use aws_lc_rs::hmac;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, VerificationAlgorithm,
};

use crate::signed::Signed;

enum Key {
    Public(ParsedPublicKey),
    Secret(Box<hmac::Key>),
}

/// A check that verifies the same signature again and again.
pub fn check(signed: &Signed) -> impl Fn() + use<> {
    let key = key(signed);
    let (message, signature) = signed.message_and_signature();
    move || match &key {
        Key::Public(key) => key.verify_sig(&message, &signature).expect("it verifies"),
        Key::Secret(key) => hmac::verify(key, &message, &signature).expect("it verifies"),
    }
}

fn key(signed: &Signed) -> Key {
    let secret = |hash| Key::Secret(Box::new(hmac::Key::new(hash, &signed.number("k"))));
    let rsa = |parameters| {
        let numbers = PublicKeyComponents {
            n: signed.number("n"),
            e: signed.number("e"),
        };
        Key::Public(numbers.to_parsed_public_key(parameters).expect("a key"))
    };
    let public = |algorithm: &'static dyn VerificationAlgorithm, bytes: Vec<u8>| {
        Key::Public(ParsedPublicKey::new(algorithm, bytes).expect("a key"))
    };
    let point = || [vec![4], signed.number("x"), signed.number("y")].concat();
    match signed.alg.as_str() {
        "ES256" => public(&ECDSA_P256_SHA256_FIXED, point()),
        "ES384" => public(&ECDSA_P384_SHA384_FIXED, point()),
        "ES512" => public(&ECDSA_P521_SHA512_FIXED, point()),
        "EdDSA" => public(&ED25519, signed.number("x")),
        "RS256" => rsa(&RSA_PKCS1_2048_8192_SHA256),
        "RS384" => rsa(&RSA_PKCS1_2048_8192_SHA384),
        "RS512" => rsa(&RSA_PKCS1_2048_8192_SHA512),
        "PS256" => rsa(&RSA_PSS_2048_8192_SHA256),
        "PS384" => rsa(&RSA_PSS_2048_8192_SHA384),
        "PS512" => rsa(&RSA_PSS_2048_8192_SHA512),
        "HS256" => secret(hmac::HMAC_SHA256),
        "HS384" => secret(hmac::HMAC_SHA384),
        "HS512" => secret(hmac::HMAC_SHA512),
        other => panic!("no such algorithm: {other}"),
    }
}
