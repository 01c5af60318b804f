//! Headers that would have a token read in another way (RFC 8725 §2.1, §2.8, §3.1, §3.10, §3.11).

use jsonwebtoken::{Algorithm as Alg, EncodingKey};
use serde_json::json;

use super::{Forge, NOW, SECRET, claims, expected, sign_with};
use crate::{Algorithm, Keys, PrivateKey, Rejection, Signer, base64url, verify};

// CVE-2026-22818, CVE-2026-44699, CVE-2022-23540: a token that says it needs no signature.
#[test]
fn a_token_without_a_signature_is_refused_however_none_is_spelt() {
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let forge = Forge::new().header("alg", json!(none));
        let signed = forge.token();
        assert_eq!(
            forge.verdict_on(&signed),
            Err(Rejection::UnsupportedAlgorithm)
        );
        let (message, _) = signed.rsplit_once('.').unwrap();
        assert_eq!(
            forge.verdict_on(&format!("{message}.")),
            Err(Rejection::UnsupportedAlgorithm)
        );
    }
}

#[test]
fn an_empty_signature_under_a_good_header_is_refused() {
    let forge = Forge::new();
    let token = forge.token();
    let (message, _) = token.rsplit_once('.').unwrap();
    assert_eq!(
        forge.verdict_on(&format!("{message}.")),
        Err(Rejection::BadSignature)
    );
}

#[test]
fn a_token_without_an_algorithm_is_refused() {
    let forge = Forge::new().header("alg", json!(null));
    assert_eq!(forge.verdict(), Err(Rejection::UnsupportedAlgorithm));
}

// CVE-2026-11800, CVE-2026-34950, CVE-2023-48238: the public key taken for an HMAC secret. The public
// key is a public text; here every form of it that an attacker could try is the secret.
#[test]
fn a_public_key_is_never_an_hmac_secret() {
    let forge = Forge::new().header("alg", json!("HS256"));
    let jwk = serde_json::to_value(forge.key.public_jwk().unwrap()).unwrap();
    let x = base64url::decode(jwk["x"].as_str().unwrap()).unwrap();
    let y = base64url::decode(jwk["y"].as_str().unwrap()).unwrap();
    let point = [&[4], x.as_slice(), &y].concat();
    for secret in [
        jwk.to_string().into_bytes(),
        point,
        x,
        forge.key.to_bytes().to_vec(),
    ] {
        let token = sign_with(
            &EncodingKey::from_secret(&secret),
            Alg::HS256,
            &forge.header.to_string(),
            &forge.payload.to_string(),
        );
        assert_eq!(
            forge.verdict_on(&token),
            Err(Rejection::UnsupportedAlgorithm)
        );
        // Even where HS256 is expected beside ES256, the key stays an ES256 key.
        let both = expected(Algorithm::Es256).or_algorithm(Algorithm::Hs256);
        assert_eq!(
            verify(&token, &forge.keys, &both, NOW),
            Err(Rejection::AlgorithmMismatch)
        );
    }
}

// CVE-2026-44699: a key of one type used under the algorithm of another.
#[test]
fn a_key_verifies_only_under_its_own_algorithm() {
    let mut keys = Keys::new();
    let rsa = PrivateKey::generate(Algorithm::Rs256).unwrap();
    for key in [
        PrivateKey::generate(Algorithm::Es256).unwrap(),
        PrivateKey::generate(Algorithm::EdDsa).unwrap(),
        PrivateKey::hs256(SECRET).unwrap(),
        rsa,
    ] {
        keys.add_private_key(&key).unwrap();
        let token = Signer::new(key.clone()).unwrap().sign(&claims()).unwrap();
        let (header, rest) = token.split_once('.').unwrap();
        let header = String::from_utf8(base64url::decode(header).unwrap()).unwrap();
        for other in Algorithm::ALL {
            let all = Algorithm::ALL
                .iter()
                .fold(expected(other), |e, a| e.or_algorithm(*a));
            let bent = header.replace(key.algorithm().as_str(), other.as_str());
            let token = format!("{}.{rest}", base64url::encode(bent));
            let verdict = verify(&token, &keys, &all, NOW).map(drop);
            let answer = if other == key.algorithm() {
                Ok(())
            } else {
                Err(Rejection::AlgorithmMismatch)
            };
            assert_eq!(verdict, answer, "{} as {other}", key.algorithm());
            // And where only one algorithm is expected, no other is.
            let verdict = verify(&token, &keys, &expected(Algorithm::Ps256), NOW).map(drop);
            if other != Algorithm::Ps256 {
                assert_eq!(verdict, Err(Rejection::UnsupportedAlgorithm));
            }
        }
    }
}

// CVE-2025-59420: an extension that the token calls critical is passed over.
#[test]
fn a_critical_header_is_refused_known_or_not() {
    for crit in [
        json!(["exp"]),
        json!(["x"]),
        json!([]),
        json!("x"),
        json!(7),
    ] {
        assert_eq!(
            Forge::new().header("crit", crit).verdict(),
            Err(Rejection::CriticalHeader)
        );
    }
    let null = Forge::new();
    let header = format!(
        r#"{{"crit":null,"typ":"at+jwt","alg":"ES256","kid":"{}"}}"#,
        null.key.key_id()
    );
    assert_eq!(
        null.verdict_on(&null.sign(&header, &null.payload.to_string())),
        Err(Rejection::CriticalHeader)
    );
}

// RFC 7797: a payload that is not base64url would be signed as other bytes.
#[test]
fn an_unencoded_payload_is_refused() {
    for b64 in [json!(false), json!(true), json!("false")] {
        let forge = Forge::new().header("b64", b64);
        assert_eq!(forge.verdict(), Err(Rejection::CriticalHeader));
    }
}

// RFC 8725 §3.10: a key, or the address of one, that the token itself brings.
#[test]
fn a_key_that_the_token_brings_is_never_used() {
    let attacker = PrivateKey::generate(Algorithm::Es256).unwrap();
    let brought = [
        (
            "jwk",
            serde_json::to_value(attacker.public_jwk().unwrap()).unwrap(),
        ),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
    ];
    for (name, value) in brought {
        let mut forge = Forge::new().header(name, value);
        assert_eq!(forge.verdict(), Err(Rejection::ForbiddenHeader), "{name}");
        forge.key = attacker.clone();
        assert_eq!(forge.verdict(), Err(Rejection::ForbiddenHeader), "{name}");
    }
}

// CVE-2024-28180: compression (and JWE as a whole) is not read here, so it can't explode.
#[test]
fn encrypted_and_compressed_tokens_are_refused() {
    for (name, value) in [("zip", "DEF"), ("enc", "A256GCM")] {
        let forge = Forge::new().header(name, json!(value));
        assert_eq!(forge.verdict(), Err(Rejection::ForbiddenHeader));
    }
    let five_parts = "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJwMmMiOjIwMDAwMDAwMDB9.a.b.c.d";
    assert_eq!(
        Forge::new().verdict_on(five_parts),
        Err(Rejection::Malformed)
    );
}

// RFC 8725 §3.11, RFC 9068 §4: an ID token or a logout token is no access token.
#[test]
fn only_an_access_token_is_an_access_token() {
    for good in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+Jwt",
    ] {
        assert_eq!(
            Forge::new().header("typ", json!(good)).verdict(),
            Ok(()),
            "{good}"
        );
    }
    for bad in [
        "JWT",
        "jwt",
        "logout+jwt",
        "application/jwt",
        "at+jwt ",
        "",
        "dpop+jwt",
    ] {
        let forge = Forge::new().header("typ", json!(bad));
        assert_eq!(forge.verdict(), Err(Rejection::WrongType), "{bad}");
    }
    assert_eq!(
        Forge::new().header("typ", json!(null)).verdict(),
        Err(Rejection::WrongType)
    );
    assert_eq!(
        Forge::new().header("typ", json!(["at+jwt"])).verdict(),
        Err(Rejection::Malformed)
    );
}

#[test]
fn header_members_that_nobody_knows_are_passed_over() {
    let forge = Forge::new()
        .header("cty", json!("json"))
        .header("x", json!({"y": [1, 2]}));
    assert_eq!(forge.verdict(), Ok(()));
}
