//! Keys and signatures that don't belong together, and `kid` as a way in (RFC 8725 §3.10).

use serde_json::json;

use super::{Forge, NOW, claims, expected};
use crate::{Algorithm, Keys, PrivateKey, Rejection, Signer, verify};

#[test]
fn a_token_of_another_key_is_refused_under_either_name() {
    let honest = Forge::new();
    let mut attacker = Forge::new();
    assert_eq!(
        honest.verdict_on(&attacker.token()),
        Err(Rejection::UnknownKey)
    );
    attacker.header = honest.header.clone();
    assert_eq!(
        honest.verdict_on(&attacker.token()),
        Err(Rejection::BadSignature)
    );
}

#[test]
fn a_key_id_is_looked_up_and_nothing_else() {
    let long = "k".repeat(129);
    for kid in [
        "",
        "../../etc/passwd",
        "' OR 1=1 --",
        "https://x",
        "a\u{0}b",
        "ключ",
        &long,
    ] {
        let forge = Forge::new().header("kid", json!(kid));
        assert_eq!(forge.verdict(), Err(Rejection::UnknownKey), "{kid:?}");
    }
    assert_eq!(
        Forge::new().header("kid", json!(null)).verdict(),
        Err(Rejection::MissingKeyId)
    );
    assert_eq!(
        Forge::new().header("kid", json!(7)).verdict(),
        Err(Rejection::Malformed)
    );
}

#[test]
fn without_keys_nothing_verifies() {
    let verdict = verify(
        &Forge::new().token(),
        &Keys::new(),
        &expected(Algorithm::Es256),
        NOW,
    );
    assert_eq!(verdict, Err(Rejection::UnknownKey));
}

#[test]
fn a_changed_part_breaks_the_signature() {
    let forge = Forge::new();
    let token = forge.token();
    let (header, rest) = token.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let other = Forge::new().claim("sub", json!("user-2"));
    let other = crate::base64url::encode(other.payload.to_string());
    for bent in [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{payload}.{}", crate::base64url::encode([0; 64])),
        format!("{header}.{payload}.{}", crate::base64url::encode([0; 63])),
        format!(
            "{header}.{payload}.{}",
            crate::base64url::encode([0xff; 64])
        ),
    ] {
        assert_eq!(
            forge.verdict_on(&bent),
            Err(Rejection::BadSignature),
            "{bent}"
        );
    }
}

// Psychic signatures, CVE-2022-21449: r = s = 0 is covered above. Here: DER instead of the fixed form.
#[test]
fn an_ecdsa_signature_in_der_is_refused() {
    let forge = Forge::new();
    let token = forge.token();
    let (message, _) = token.rsplit_once('.').unwrap();
    let pair = aws_lc_rs::signature::EcdsaKeyPair::from_pkcs8(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1_SIGNING,
        &forge.key.to_bytes(),
    )
    .unwrap();
    let random = aws_lc_rs::rand::SystemRandom::new();
    let der = pair.sign(&random, message.as_bytes()).unwrap();
    let token = format!("{message}.{}", crate::base64url::encode(der));
    assert_eq!(forge.verdict_on(&token), Err(Rejection::BadSignature));
}

#[test]
fn a_signature_of_rs256_is_none_of_ps256() {
    let rs = PrivateKey::generate(Algorithm::Rs256).unwrap();
    let ps = PrivateKey::from_bytes(Algorithm::Ps256, rs.to_bytes().to_vec()).unwrap();
    assert_eq!(rs.key_id(), ps.key_id());
    let token = Signer::new(rs).unwrap().sign(&claims()).unwrap();
    let keys = Keys::from_private_key(&ps).unwrap();
    let both = expected(Algorithm::Ps256).or_algorithm(Algorithm::Rs256);
    assert_eq!(
        verify(&token, &keys, &both, NOW),
        Err(Rejection::AlgorithmMismatch)
    );
}

// The tutorials' short shared secret.
#[test]
fn a_short_secret_is_no_key() {
    for length in [0, 1, 31] {
        assert!(PrivateKey::hs256(&vec![7; length]).is_err());
        assert!(Keys::from_hs256_secret(&vec![7; length]).is_err());
        assert!(PrivateKey::from_bytes(Algorithm::Hs256, vec![7; length]).is_err());
    }
}
