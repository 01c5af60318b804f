//! What is signed here verifies here, and in another library; what another library signs verifies here.

use jsonwebtoken::{Algorithm as Alg, DecodingKey, EncodingKey, Header, Validation};
use serde_json::Value;

use super::{NOW, SECRET, claims, expected};
use crate::{Algorithm, JwkSet, Keys, PrivateKey, SignError, Signer, base64url, verify};

fn keys() -> Vec<PrivateKey> {
    let mut keys: Vec<_> = Algorithm::SIGNING
        .iter()
        .map(|algorithm| PrivateKey::generate(*algorithm).unwrap())
        .collect();
    keys.push(PrivateKey::hs256(SECRET).unwrap());
    keys
}

#[test]
fn every_algorithm_signs_what_it_verifies() {
    for key in keys() {
        let trusted = match key.public_jwk() {
            Some(jwk) => {
                let document = serde_json::to_vec(&JwkSet::new([jwk]).unwrap()).unwrap();
                Keys::from_jwk_set(&JwkSet::parse(&document).unwrap()).unwrap()
            }
            None => Keys::from_hs256_secret(&key.to_bytes()).unwrap(),
        };
        let token = Signer::new(key.clone()).unwrap().sign(&claims()).unwrap();
        let verified = verify(&token, &trusted, &expected(key.algorithm()), NOW).unwrap();
        assert_eq!(verified.claims(), &claims());
        assert_eq!(verified.key_id(), key.key_id());
        assert_eq!(verified.algorithm(), key.algorithm());
    }
}

#[test]
fn a_key_is_the_same_after_storage() {
    for key in keys() {
        let back = PrivateKey::from_bytes(key.algorithm(), key.to_bytes().to_vec()).unwrap();
        assert_eq!(back.key_id(), key.key_id());
        assert_eq!(back.public_jwk(), key.public_jwk());
        let token = Signer::new(back).unwrap().sign(&claims()).unwrap();
        let trusted = Keys::from_private_key(&key).unwrap();
        assert!(verify(&token, &trusted, &expected(key.algorithm()), NOW).is_ok());
    }
}

#[test]
fn bytes_of_one_algorithm_are_no_key_of_another() {
    for key in keys() {
        for other in Algorithm::ALL {
            let rsa = [Algorithm::Rs256, Algorithm::Ps256];
            let same_kind = other == key.algorithm()
                || other == Algorithm::Hs256
                || (rsa.contains(&other) && rsa.contains(&key.algorithm()));
            let back = PrivateKey::from_bytes(other, key.to_bytes().to_vec());
            assert_eq!(back.is_ok(), same_kind, "{} as {other}", key.algorithm());
        }
    }
}

#[test]
fn another_library_verifies_our_tokens() {
    for (key, alg) in keys().iter().zip([
        Alg::ES256,
        Alg::RS256,
        Alg::PS256,
        Alg::EdDSA,
        Alg::HS256,
        Alg::HS256,
    ]) {
        let decoding = match key.public_jwk() {
            Some(jwk) => {
                let jwk = serde_json::from_value(serde_json::to_value(jwk).unwrap()).unwrap();
                DecodingKey::from_jwk(&jwk).unwrap()
            }
            None => DecodingKey::from_secret(&key.to_bytes()),
        };
        let mut validation = Validation::new(alg);
        validation.set_audience(&["https://api.example.com"]);
        validation.set_issuer(&["https://id.example.com"]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let token = Signer::new(key.clone()).unwrap().sign(&claims()).unwrap();
        let data = jsonwebtoken::decode::<Value>(&token, &decoding, &validation).unwrap();
        assert_eq!(data.claims, serde_json::to_value(claims()).unwrap());
        assert_eq!(data.header.kid.as_deref(), Some(key.key_id().as_str()));
    }
}

#[test]
fn tokens_of_another_library_verify_here() {
    let ec = PrivateKey::generate(Algorithm::Es256).unwrap();
    let ed = PrivateKey::generate(Algorithm::EdDsa).unwrap();
    let hs = PrivateKey::hs256(SECRET).unwrap();
    for (key, alg, encoding) in [
        (&ec, Alg::ES256, EncodingKey::from_ec_der(&ec.to_bytes())),
        (&ed, Alg::EdDSA, EncodingKey::from_ed_der(&ed.to_bytes())),
        (&hs, Alg::HS256, EncodingKey::from_secret(SECRET)),
    ] {
        let mut header = Header::new(alg);
        header.typ = Some("at+jwt".into());
        header.kid = Some(key.key_id().to_string());
        let token = jsonwebtoken::encode(&header, &claims(), &encoding).unwrap();
        let trusted = Keys::from_private_key(key).unwrap();
        assert!(verify(&token, &trusted, &expected(key.algorithm()), NOW).is_ok());
    }
}

#[test]
fn the_token_reads_as_rfc_9068_has_it() {
    let key = PrivateKey::hs256(SECRET).unwrap();
    let token = Signer::new(key.clone()).unwrap().sign(&claims()).unwrap();
    let part = |index: usize| {
        let bytes = base64url::decode(token.split('.').nth(index).unwrap()).unwrap();
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!(
        part(0),
        format!(
            r#"{{"typ":"at+jwt","alg":"HS256","kid":"{}"}}"#,
            key.key_id()
        )
    );
    assert_eq!(
        part(1),
        concat!(
            r#"{"iss":"https://id.example.com","aud":"https://api.example.com","sub":"user-1","#,
            r#""client_id":"web","jti":"token-1","iat":1799999940,"exp":1800000540,"#,
            r#""scope":"profile:read users:read","roles":["admin"],"sid":"session-1","#,
            r#""auth_time":1799999940,"amr":["pwd"],"acr":"1"}"#
        )
    );
}

#[test]
fn what_no_verifier_would_accept_is_not_signed() {
    let signer = Signer::new(PrivateKey::hs256(SECRET).unwrap()).unwrap();
    let refused = |bend: fn(&mut crate::AccessTokenClaims)| {
        let mut claims = claims();
        bend(&mut claims);
        signer.sign(&claims).unwrap_err()
    };
    assert_eq!(refused(|c| c.aud.clear()), SignError::InvalidClaim("aud"));
    assert_eq!(refused(|c| c.sub.clear()), SignError::InvalidClaim("sub"));
    assert_eq!(refused(|c| c.exp = c.iat), SignError::InvalidClaim("exp"));
    assert_eq!(
        refused(|c| c.exp = i64::MAX),
        SignError::InvalidClaim("exp")
    );
    assert_eq!(refused(|c| c.iat = -1), SignError::InvalidClaim("iat"));
    assert_eq!(
        refused(|c| c.sid = Some(String::new())),
        SignError::InvalidClaim("sid")
    );
    assert_eq!(
        refused(|c| c.roles = vec!["r".repeat(100); 100]),
        SignError::TooLarge
    );
}

#[test]
fn keys_and_signers_do_not_print_their_secrets() {
    let key = PrivateKey::hs256(SECRET).unwrap();
    let shown = format!("{key:?} {:?}", Signer::new(key.clone()).unwrap());
    assert!(
        shown.contains("Hs256") && shown.contains(key.key_id().as_str()),
        "{shown}"
    );
    assert!(
        !shown.contains("97, 32") && !shown.contains("shared"),
        "{shown}"
    );
}
