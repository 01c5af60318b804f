//! Key sets as issuers publish them, and as they must not (RFC 7517 §5, RFC 7518 §6).

use serde_json::{Value, json};

use crate::{Algorithm, Jwk, JwkError, JwkSet, JwkSetError, KeyError, Keys, PrivateKey};

fn public(algorithm: Algorithm) -> Value {
    serde_json::to_value(
        PrivateKey::generate(algorithm)
            .unwrap()
            .public_jwk()
            .unwrap(),
    )
    .unwrap()
}

fn parse(keys: &Value) -> Result<JwkSet, JwkSetError> {
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes())
}

fn with(mut jwk: Value, name: &str, value: Value) -> Value {
    jwk[name] = value;
    jwk
}

fn without(mut jwk: Value, name: &str) -> Value {
    jwk.as_object_mut().unwrap().remove(name);
    jwk
}

#[test]
fn a_set_is_read_as_it_is_written() {
    let keys = [
        Algorithm::Es256,
        Algorithm::EdDsa,
        Algorithm::Rs256,
        Algorithm::Ps256,
    ]
    .map(|algorithm| {
        PrivateKey::generate(algorithm)
            .unwrap()
            .public_jwk()
            .unwrap()
    });
    let set = JwkSet::new(keys.clone()).unwrap();
    let document = serde_json::to_string(&set).unwrap();
    assert_eq!(document.parse::<JwkSet>().unwrap(), set);
    assert_eq!(Keys::from_jwk_set(&set).unwrap().len(), 4);
    for jwk in keys {
        assert_eq!(jwk.key_id(), &jwk.thumbprint());
        let value = serde_json::to_value(&jwk).unwrap();
        assert_eq!(value["use"], "sig");
        assert_eq!(value["alg"], jwk.algorithm().unwrap().as_str());
        assert_eq!(serde_json::from_value::<Jwk>(value).unwrap(), jwk);
    }
}

#[test]
fn a_secret_has_nothing_to_publish() {
    let key = PrivateKey::hs256(&[7; 32]).unwrap();
    assert_eq!(key.public_jwk(), None);
    assert!(!key.key_id().as_str().contains("BwcH"));
}

#[test]
fn keys_for_something_else_are_passed_over() {
    let good = public(Algorithm::Es256);
    let rsa = public(Algorithm::Rs256);
    let others = json!([
        with(public(Algorithm::Es256), "use", json!("enc")),
        with(public(Algorithm::Es256), "key_ops", json!(["deriveKey"])),
        with(public(Algorithm::Es256), "crv", json!("secp256k1")),
        with(public(Algorithm::Es256), "alg", json!("ES256K")),
        with(public(Algorithm::EdDsa), "crv", json!("X25519")),
        with(rsa, "alg", json!("RSA-OAEP")),
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},
        good,
    ]);
    let set = parse(&others).unwrap();
    assert_eq!(set.len(), 1);
    assert_eq!(set.iter().next().unwrap().key_id().as_str(), good["kid"]);
    assert!(parse(&json!([])).unwrap().is_empty());
}

#[test]
fn a_key_without_a_name_or_algorithm_gets_the_only_one_it_can_have() {
    let jwk = public(Algorithm::Es256);
    let bare = without(without(without(jwk.clone(), "kid"), "alg"), "use");
    let set = parse(&json!([bare])).unwrap();
    let read = set.iter().next().unwrap();
    assert_eq!(read.key_id().as_str(), jwk["kid"]);
    assert_eq!(read.algorithm(), Some(Algorithm::Es256));
    let foreign = with(jwk, "kid", json!("2026-11"));
    assert_eq!(
        parse(&json!([foreign]))
            .unwrap()
            .iter()
            .next()
            .unwrap()
            .key_id()
            .as_str(),
        "2026-11"
    );
}

#[test]
fn a_published_secret_makes_the_set_refused() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let jwk = with(public(Algorithm::Es256), name, json!("AAAA"));
        assert_eq!(
            parse(&json!([jwk])),
            Err(JwkSetError::Key(JwkError::Private)),
            "{name}"
        );
    }
    let secret = json!([{"kty": "oct", "kid": "x", "alg": "HS256", "k": "AAAA"}]);
    assert_eq!(parse(&secret), Err(JwkSetError::Key(JwkError::Private)));
    // Even for a key that would be passed over.
    let jwk = with(
        with(public(Algorithm::Es256), "d", json!("AA")),
        "use",
        json!("enc"),
    );
    assert_eq!(
        parse(&json!([jwk])),
        Err(JwkSetError::Key(JwkError::Private))
    );
}

// CVE-2026-44699, CVE-2026-34950: a key whose type and algorithm contradict each other.
#[test]
fn an_algorithm_that_does_not_fit_its_key_is_refused() {
    for (kind, alg) in [
        (Algorithm::Es256, "RS256"),
        (Algorithm::Es256, "HS256"),
        (Algorithm::Es256, "ES512"),
        (Algorithm::Rs256, "HS512"),
        (Algorithm::EdDsa, "ES256"),
        (Algorithm::Rs256, "EdDSA"),
        (Algorithm::Rs256, "HS256"),
    ] {
        let jwk = with(public(kind), "alg", json!(alg));
        assert_eq!(
            parse(&json!([jwk])),
            Err(JwkSetError::Key(JwkError::AlgorithmMismatch))
        );
    }
}

#[test]
fn two_keys_under_one_name_are_refused_and_twins_are_one() {
    let (one, two) = (public(Algorithm::Es256), public(Algorithm::Es256));
    let impostor = with(two, "kid", one["kid"].clone());
    assert_eq!(
        parse(&json!([one, impostor])),
        Err(JwkSetError::DuplicateKeyId)
    );
    assert_eq!(parse(&json!([one, one])).unwrap().len(), 1);
    let rs = public(Algorithm::Rs256);
    let ps = with(rs.clone(), "alg", json!("PS256"));
    assert_eq!(parse(&json!([rs, ps])), Err(JwkSetError::DuplicateKeyId));

    let mut keys = Keys::from_jwk_set(&parse(&json!([one])).unwrap()).unwrap();
    let other = Keys::from_jwk_set(&parse(&json!([impostor])).unwrap()).unwrap();
    assert_eq!(keys.add_all(&other), Err(KeyError::DuplicateKeyId));
    assert_eq!(keys.add_all(&keys.clone()), Ok(()));
}

#[test]
fn numbers_that_are_no_key_are_refused() {
    let ec = public(Algorithm::Es256);
    let rsa = public(Algorithm::Rs256);
    let modulus = crate::base64url::decode(rsa["n"].as_str().unwrap()).unwrap();
    let encode = |bytes: &[u8]| json!(crate::base64url::encode(bytes));
    let small = [&modulus[..127], &[0x81]].concat();
    let even = [&modulus[..255], &[0x80]].concat();
    for bad in [
        with(ec.clone(), "y", ec["x"].clone()),
        with(ec.clone(), "x", encode(&[0; 32])),
        with(ec.clone(), "x", encode(&[1; 31])),
        with(ec.clone(), "x", json!("AA==")),
        with(without(ec.clone(), "alg"), "crv", json!("P-521")),
        with(without(rsa.clone(), "alg"), "n", encode(&small)),
        with(public(Algorithm::EdDsa), "x", encode(&[1; 31])),
        with(rsa.clone(), "n", encode(&small)),
        with(rsa.clone(), "n", encode(&even)),
        with(
            rsa.clone(),
            "n",
            encode(&[&[0], modulus.as_slice()].concat()),
        ),
        with(rsa.clone(), "n", encode(&vec![0xff; 2048])),
        with(rsa.clone(), "n", json!("")),
        with(rsa.clone(), "e", encode(&[1])),
        with(rsa.clone(), "e", encode(&[2])),
        with(rsa.clone(), "e", encode(&[0xff; 256])),
        with(rsa, "e", json!("")),
    ] {
        assert_eq!(
            parse(&json!([bad])),
            Err(JwkSetError::Key(JwkError::InvalidKey)),
            "{bad}"
        );
    }
}

#[test]
fn documents_that_are_no_key_set_are_refused() {
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[]} x"#,
    ] {
        assert_eq!(
            JwkSet::parse(bad.as_bytes()),
            Err(JwkSetError::Malformed),
            "{bad}"
        );
    }
    for bad in [
        json!([7]),
        json!([{}]),
        json!([{"kty": 7}]),
        json!([{"kty": "EC", "crv": "P-256"}]),
    ] {
        assert_eq!(
            parse(&bad),
            Err(JwkSetError::Key(JwkError::Malformed)),
            "{bad}"
        );
    }
    let bad_kid = with(public(Algorithm::Es256), "kid", json!("a b"));
    assert_eq!(
        parse(&json!([bad_kid])),
        Err(JwkSetError::Key(JwkError::Malformed))
    );
}

#[test]
fn a_set_is_bounded() {
    let many = vec![json!({"kty": "AKP"}); 101];
    assert_eq!(parse(&json!(many)), Err(JwkSetError::TooLarge));
    let long = " ".repeat(64 * 1024) + r#"{"keys":[]}"#;
    assert_eq!(JwkSet::parse(long.as_bytes()), Err(JwkSetError::TooLarge));
}
