//! Every algorithm against signatures of another library (OpenSSL's, see `fixtures/make-tokens.mjs`), and
//! every key under every algorithm that is not its own.

use serde_json::{Value, json};

use super::{NOW, expected};
use crate::{
    Algorithm, Jwk, JwkSet, KeyError, KeyId, Keys, PrivateKey, Rejection, Verified, base64url,
    verify,
};

struct Signed {
    algorithm: Algorithm,
    /// As published, without `alg`.
    jwk: Option<Value>,
    secret: Option<Vec<u8>>,
    token: String,
}

impl Signed {
    fn all() -> Vec<Self> {
        let all: Vec<Value> = serde_json::from_str(include_str!("fixtures/tokens.json")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let read = |signed: Value| Self {
            algorithm: text(&signed["alg"]).parse().unwrap(),
            jwk: signed.get("jwk").cloned(),
            secret: signed
                .get("secret")
                .map(|secret| base64url::decode(&text(secret)).unwrap()),
            token: text(&signed["token"]),
        };
        all.into_iter().map(read).collect()
    }

    /// The key of this token, bound to `algorithm`.
    fn keys_for(&self, algorithm: Option<Algorithm>) -> Option<Keys> {
        let mut keys = Keys::new();
        if let Some(secret) = &self.secret {
            let kid: KeyId = "k1".parse().unwrap();
            let added = keys.add_shared_secret(kid, algorithm.unwrap_or(self.algorithm), secret);
            return added.is_ok().then_some(keys);
        }
        let mut jwk = self.jwk.clone().unwrap();
        if let Some(algorithm) = algorithm {
            jwk["alg"] = json!(algorithm.as_str());
        }
        keys.add_jwk(&serde_json::from_value::<Jwk>(jwk).ok()?)
            .unwrap();
        Some(keys)
    }

    fn verdict(&self, keys: &Keys, algorithm: Algorithm) -> Result<Verified, Rejection> {
        verify(&self.token, keys, &expected(algorithm), NOW)
    }
}

fn everything() -> crate::Expected {
    let all = Algorithm::ALL.iter();
    all.fold(expected(Algorithm::Es256), |all, one| {
        all.or_algorithm(*one)
    })
}

#[test]
fn every_algorithm_verifies_what_another_library_signed() {
    let all = Signed::all();
    assert_eq!(all.len(), Algorithm::ALL.len());
    for signed in all {
        for bound in [None, Some(signed.algorithm)] {
            let keys = signed.keys_for(bound).unwrap();
            let verified = signed.verdict(&keys, signed.algorithm).unwrap();
            assert_eq!(verified.algorithm(), signed.algorithm);
            assert_eq!(verified.claims().sub, "user-1");
        }
    }
}

#[test]
fn every_algorithm_refuses_a_changed_message_and_a_changed_signature() {
    for signed in Signed::all() {
        let keys = signed.keys_for(None).unwrap();
        let (message, signature) = signed.token.rsplit_once('.').unwrap();
        let (header, payload) = message.split_once('.').unwrap();
        let other = String::from_utf8(base64url::decode(payload).unwrap())
            .unwrap()
            .replace("user-1", "user-2");
        let bytes = base64url::decode(signature).unwrap();
        let mut flipped = bytes.clone();
        flipped[bytes.len() / 2] ^= 1;
        for bent in [
            format!("{header}.{}.{signature}", base64url::encode(other)),
            format!("{message}.{}", base64url::encode(flipped)),
            format!("{message}.{}", base64url::encode(&bytes[1..])),
            format!(
                "{message}.{}",
                base64url::encode([&bytes[..], &[0]].concat())
            ),
            format!("{message}.{}", base64url::encode(vec![0; bytes.len()])),
            format!("{message}."),
        ] {
            let verdict = verify(&bent, &keys, &expected(signed.algorithm), NOW).map(drop);
            assert_eq!(
                verdict,
                Err(Rejection::BadSignature),
                "{}",
                signed.algorithm
            );
        }
    }
}

// CVE-2026-11800, CVE-2026-22818, CVE-2026-44699, CVE-2026-34950, CVE-2023-48238: algorithm confusion.
#[test]
fn no_key_verifies_under_an_algorithm_that_is_not_its_own() {
    for signed in Signed::all() {
        let keys = signed.keys_for(Some(signed.algorithm)).unwrap();
        let (header, rest) = signed.token.split_once('.').unwrap();
        let header = String::from_utf8(base64url::decode(header).unwrap()).unwrap();
        for other in Algorithm::ALL
            .into_iter()
            .filter(|other| *other != signed.algorithm)
        {
            let bent = header.replace(signed.algorithm.as_str(), other.as_str());
            let bent = format!("{}.{rest}", base64url::encode(bent));
            let verdict = verify(&bent, &keys, &everything(), NOW).map(drop);
            assert_eq!(verdict, Err(Rejection::AlgorithmMismatch), "{other}");
            // And what is not expected is refused whatever the keys are.
            let verdict = verify(&bent, &keys, &expected(signed.algorithm), NOW).map(drop);
            assert_eq!(verdict, Err(Rejection::UnsupportedAlgorithm), "{other}");
        }
    }
}

#[test]
fn a_key_bound_to_another_algorithm_refuses_a_good_signature() {
    for signed in Signed::all() {
        for other in Algorithm::ALL
            .into_iter()
            .filter(|other| *other != signed.algorithm)
        {
            if let Some(keys) = signed.keys_for(Some(other)) {
                let verdict = verify(&signed.token, &keys, &everything(), NOW).map(drop);
                assert_eq!(verdict, Err(Rejection::AlgorithmMismatch), "as {other}");
            }
        }
    }
}

// The public key as an HMAC secret, for each hash and each spelling of the key.
#[test]
fn a_public_key_of_any_kind_is_never_an_hmac_secret() {
    for signed in Signed::all() {
        let Some(jwk) = &signed.jwk else { continue };
        let keys = signed.keys_for(None).unwrap();
        let numbers = ["n", "x"].iter().find_map(|name| jwk.get(name)).unwrap();
        for (name, hash) in [
            ("HS256", aws_lc_rs::hmac::HMAC_SHA256),
            ("HS384", aws_lc_rs::hmac::HMAC_SHA384),
            ("HS512", aws_lc_rs::hmac::HMAC_SHA512),
        ] {
            for secret in [
                jwk.to_string().into_bytes(),
                base64url::decode(numbers.as_str().unwrap()).unwrap(),
            ] {
                let header = json!({"typ": "at+jwt", "alg": name, "kid": "k1"}).to_string();
                let payload = signed.token.split('.').nth(1).unwrap();
                let message = format!("{}.{payload}", base64url::encode(header));
                let key = aws_lc_rs::hmac::Key::new(hash, &secret);
                let tag = aws_lc_rs::hmac::sign(&key, message.as_bytes());
                let token = format!("{message}.{}", base64url::encode(tag));
                let verdict = verify(&token, &keys, &everything(), NOW).map(drop);
                assert_eq!(verdict, Err(Rejection::AlgorithmMismatch));
            }
        }
    }
}

#[test]
fn an_rsa_key_that_names_no_algorithm_serves_what_is_expected_and_no_more() {
    let rsa = |signed: &Signed| signed.jwk.as_ref().is_some_and(|jwk| jwk["kty"] == "RSA");
    let all: Vec<_> = Signed::all().into_iter().filter(rsa).collect();
    assert_eq!(all.len(), 6);
    for signed in &all {
        let document = json!({"keys": [signed.jwk]}).to_string();
        let set: JwkSet = document.parse().unwrap();
        assert_eq!(set.iter().next().unwrap().algorithm(), None);
        assert!(!serde_json::to_string(&set).unwrap().contains("alg"));
        let keys = Keys::from_jwk_set(&set).unwrap();
        for wanted in &all {
            let verdict = signed.verdict(&keys, wanted.algorithm).map(drop);
            if wanted.algorithm == signed.algorithm {
                assert_eq!(verdict, Ok(()));
            } else {
                assert_eq!(verdict, Err(Rejection::UnsupportedAlgorithm));
            }
        }
    }
}

#[test]
fn what_is_only_verified_here_signs_nothing() {
    for algorithm in Algorithm::ALL {
        let key = PrivateKey::generate(algorithm);
        if Algorithm::SIGNING.contains(&algorithm) {
            assert!(key.is_ok());
        } else {
            assert_eq!(key.unwrap_err(), KeyError::NotForSigning);
            let stored = PrivateKey::from_bytes(algorithm, vec![7; 64]);
            assert_eq!(stored.unwrap_err(), KeyError::NotForSigning);
        }
    }
}

// The tutorials' secrets: RFC 7518 §3.2 asks for as many bytes as the hash has.
#[test]
fn a_secret_is_as_long_as_its_hash_unless_somebody_says_why_not() {
    for (algorithm, least) in [
        (Algorithm::Hs256, 32),
        (Algorithm::Hs384, 48),
        (Algorithm::Hs512, 64),
    ] {
        let short = vec![7; least - 1];
        let refused = Keys::from_shared_secret(algorithm, &short);
        assert_eq!(refused.unwrap_err(), KeyError::SecretTooShort);
        assert!(Keys::from_shared_secret(algorithm, &vec![7; least]).is_ok());
        assert!(Keys::dangerous_from_short_secret(algorithm, &short, "a test").is_ok());
        let empty = Keys::dangerous_from_short_secret(algorithm, b"", "a test");
        assert_eq!(empty.unwrap_err(), KeyError::SecretTooShort);
    }
    for algorithm in Algorithm::ALL.into_iter().filter(|one| !one.is_symmetric()) {
        let public = Keys::from_shared_secret(algorithm, &[7; 64]);
        assert_eq!(public.unwrap_err(), KeyError::NotASecret);
        let public = Keys::dangerous_from_short_secret(algorithm, &[7; 64], "a test");
        assert_eq!(public.unwrap_err(), KeyError::NotASecret);
    }
}

#[test]
fn one_secret_is_one_key_and_for_one_algorithm_only() {
    let mut keys = Keys::from_shared_secret(Algorithm::Hs256, &[7; 64]).unwrap();
    let same = Keys::from_shared_secret(Algorithm::Hs256, &[7; 64]).unwrap();
    assert_eq!(keys.add_all(&same), Ok(()));
    let other = Keys::from_shared_secret(Algorithm::Hs512, &[7; 64]).unwrap();
    assert_eq!(keys.add_all(&other), Err(KeyError::DuplicateKeyId));
    let kid: KeyId = "k1".parse().unwrap();
    let add = |keys: &mut Keys, secret: &[u8]| {
        keys.add_shared_secret(kid.clone(), Algorithm::Hs256, secret)
    };
    assert_eq!(add(&mut keys, &[7; 32]), Ok(()));
    assert_eq!(add(&mut keys, &[8; 32]), Err(KeyError::DuplicateKeyId));
}
