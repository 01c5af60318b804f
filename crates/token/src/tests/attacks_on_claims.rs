//! Claims that are absent, of the wrong type, or meant for somebody else (RFC 7519 §4.1, RFC 9068 §4).

use serde_json::{Value, json};

use super::{Forge, NOW, claims, expected};
use crate::{Algorithm, Rejection, Signer, verify};

// CVE-2026-55669, GHSA-wxg7-w2v3-w38g: a check that is skipped because its claim is absent.
#[test]
fn every_required_claim_is_required() {
    for name in ["iss", "aud", "exp", "iat", "sub", "client_id", "jti"] {
        let forge = Forge::new().claim(name, json!(null));
        assert_eq!(forge.verdict(), Err(Rejection::MissingClaim(name)));
    }
}

#[test]
fn optional_claims_may_be_absent() {
    let forge = ["scope", "roles", "sid", "auth_time", "amr", "acr"]
        .into_iter()
        .fold(Forge::new(), |forge, name| forge.claim(name, json!(null)));
    assert_eq!(forge.verdict(), Ok(()));
}

// CVE-2026-25537 (jsonwebtoken), CVE-2026-32597, CVE-2026-35042: a time of the wrong type counts as absent.
#[test]
fn times_are_whole_numbers_within_the_calendar_or_refused() {
    let forge = Forge::new();
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for bad in [
            r#""1900000000""#,
            "1900000000.5",
            "1800000000.0",
            "1.8e9",
            "1e400",
            "-1",
            "253402300800",
            "9223372036854775808",
            "-9223372036854775809",
            "null",
            "true",
            "[1900000000]",
            "{}",
            "NaN",
            "Infinity",
        ] {
            let mut payload = forge.payload.clone();
            payload.as_object_mut().unwrap().remove(name);
            let others = payload.to_string();
            let payload = format!(r#"{{"{name}":{bad},{}"#, others.strip_prefix('{').unwrap());
            let verdict = forge.verdict_on_payload(&payload);
            assert_eq!(
                verdict,
                Err(Rejection::MalformedClaim(name)),
                "{name}: {bad}"
            );
        }
    }
}

#[test]
fn texts_are_texts_and_not_empty() {
    for name in ["sub", "client_id", "jti", "sid", "acr"] {
        for bad in [
            json!(""),
            json!(7),
            json!(["user-1"]),
            json!({"a": 1}),
            json!(false),
        ] {
            let forge = Forge::new().claim(name, bad.clone());
            assert_eq!(
                forge.verdict(),
                Err(Rejection::MalformedClaim(name)),
                "{name}: {bad}"
            );
        }
    }
}

#[test]
fn lists_and_scopes_have_their_form() {
    for (name, bad) in [
        ("scope", json!(["users:read"])),
        ("scope", json!("a  b")),
        ("scope", json!("a\"b")),
        ("roles", json!("admin")),
        ("roles", json!([1])),
        ("roles", json!({"admin": true})),
        ("amr", json!("pwd")),
    ] {
        let forge = Forge::new().claim(name, bad);
        assert_eq!(forge.verdict(), Err(Rejection::MalformedClaim(name)));
    }
}

// CVE-2026-27840, CVE-2026-31813: a token of another issuer.
#[test]
fn the_issuer_is_compared_byte_by_byte() {
    for bad in [
        "https://id.example.com/",
        "https://ID.example.com",
        "http://id.example.com",
        "https://id.example.com.attacker.example",
        "id.example.com",
        "",
    ] {
        let forge = Forge::new().claim("iss", json!(bad));
        assert_eq!(forge.verdict(), Err(Rejection::WrongIssuer), "{bad}");
    }
    for bad in [json!(["https://id.example.com"]), json!(1)] {
        let forge = Forge::new().claim("iss", bad);
        assert_eq!(forge.verdict(), Err(Rejection::MalformedClaim("iss")));
    }
}

// CVE-2025-30204's sibling in every library: `aud` as a string, a list, or something that looks alike.
#[test]
fn one_of_our_audiences_must_be_named() {
    let verdict = |aud: Value| Forge::new().claim("aud", aud).verdict();
    assert_eq!(verdict(json!("https://api.example.com")), Ok(()));
    assert_eq!(
        verdict(json!(["https://other", "https://api.example.com"])),
        Ok(())
    );
    for bad in [
        json!("https://api.example.com/"),
        json!("https://api.example.com https://other"),
        json!("https://other"),
        json!([]),
        json!([""]),
        json!(["https://other"]),
        json!(""),
    ] {
        assert_eq!(verdict(bad.clone()), Err(Rejection::WrongAudience), "{bad}");
    }
    for bad in [
        json!({"https://api.example.com": true}),
        json!(1),
        json!([1]),
        json!([["a"]]),
    ] {
        assert_eq!(
            verdict(bad.clone()),
            Err(Rejection::MalformedClaim("aud")),
            "{bad}"
        );
    }
}

#[test]
fn a_token_lives_from_its_first_second_to_before_its_last() {
    let mut claims = claims();
    (claims.iat, claims.exp) = (NOW, NOW + 600);
    let forge = Forge::new();
    let token = Signer::new(forge.key.clone())
        .unwrap()
        .sign(&claims)
        .unwrap();
    let at = |now, leeway| {
        let expected = expected(Algorithm::Es256).with_leeway_seconds(leeway);
        verify(&token, &forge.keys, &expected, now).map(drop)
    };
    for (now, leeway, verdict) in [
        (NOW, 0, Ok(())),
        (NOW - 1, 0, Err(Rejection::IssuedInFuture)),
        (NOW + 599, 0, Ok(())),
        (NOW + 600, 0, Err(Rejection::Expired)),
        (NOW - 30, 30, Ok(())),
        (NOW - 31, 30, Err(Rejection::IssuedInFuture)),
        (NOW + 629, 30, Ok(())),
        (NOW + 630, 30, Err(Rejection::Expired)),
        (NOW + 899, u32::MAX, Ok(())),
        (NOW + 900, u32::MAX, Err(Rejection::Expired)),
        (i64::MIN, 300, Err(Rejection::IssuedInFuture)),
        (i64::MAX, 300, Err(Rejection::Expired)),
    ] {
        assert_eq!(at(now, leeway), verdict, "at {now} with {leeway}");
    }
}

#[test]
fn a_token_that_names_a_first_second_is_refused_before() {
    let verdict = |nbf: i64| Forge::new().claim("nbf", json!(nbf)).verdict();
    assert_eq!(verdict(NOW), Ok(()));
    assert_eq!(verdict(NOW + 1), Err(Rejection::NotYetValid));
}

#[test]
fn a_rejection_never_repeats_the_token() {
    let forge = Forge::new().claim("sub", json!(["SECRET-SUBJECT"]));
    let rejection = forge.verdict().unwrap_err();
    let shown = format!("{rejection} {rejection:?} {}", rejection.code());
    assert!(!shown.contains("SECRET"), "{shown}");
}
