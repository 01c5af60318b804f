//! What a verifier asks for beyond its profile.

use serde_json::{Value, json};

use super::profiles::{auth0, keycloak};
use super::{Forge, NOW, expected};
use crate::{Algorithm, Expected, Rejection, verify};

fn verdict(claim: Option<Value>, ask: impl Fn(Expected) -> Expected) -> Result<(), Rejection> {
    let forge = Forge::new().claim("org_id", claim.unwrap_or_default());
    let expected = ask(expected(Algorithm::Es256));
    verify(&forge.token(), &forge.keys, &expected, NOW).map(drop)
}

#[test]
fn a_required_claim_has_exactly_its_value() {
    let ask = |expected: Expected| expected.require_claim("org_id", "org_1");
    assert_eq!(verdict(Some(json!("org_1")), ask), Ok(()));
    for bad in [
        None,
        Some(json!("org_2")),
        Some(json!("ORG_1")),
        Some(json!(["org_1"])),
        Some(json!(true)),
        Some(json!({"org_1": true})),
    ] {
        assert_eq!(verdict(bad, ask), Err(Rejection::UnacceptableClaim));
    }
}

#[test]
fn all_required_claims_are_required() {
    let both = |expected: Expected| {
        expected
            .require_claim("org_id", 7)
            .require_claim("sub", "user-1")
    };
    assert_eq!(verdict(Some(json!(7)), both), Ok(()));
    let other = |expected: Expected| both(expected).require_claim("jti", "another");
    assert_eq!(
        verdict(Some(json!(7)), other),
        Err(Rejection::UnacceptableClaim)
    );
}

#[test]
fn a_claim_can_be_judged_and_an_absent_one_is_never_good() {
    let ask = |expected: Expected| {
        expected.require_claim_that("org_id", |value| value.as_str() != Some("org_2"))
    };
    assert_eq!(verdict(Some(json!("org_1")), ask), Ok(()));
    assert_eq!(
        verdict(Some(json!("org_2")), ask),
        Err(Rejection::UnacceptableClaim)
    );
    assert_eq!(verdict(None, ask), Err(Rejection::UnacceptableClaim));
}

#[test]
fn a_claim_is_kept_only_if_somebody_asks() {
    let forge = Forge::new()
        .claim("org", json!({"id": 7}))
        .claim("tier", json!("gold"));
    let read = |expected: &Expected| verify(&forge.token(), &forge.keys, expected, NOW).unwrap();
    let plain = read(&expected(Algorithm::Es256));
    assert_eq!((plain.claim("org"), plain.claim("sub")), (None, None));
    let asking = expected(Algorithm::Es256)
        .keep_claim("org")
        .keep_claim("absent");
    let kept = read(&asking);
    assert_eq!(kept.claim("org"), Some(&json!({"id": 7})));
    assert_eq!((kept.claim("tier"), kept.claim("absent")), (None, None));
    assert_eq!(kept.into_parts().1.len(), 1);
}

#[test]
fn roles_come_from_the_claim_that_is_named_and_from_nowhere_else() {
    let mut named = auth0();
    named.expected = named.expected.with_roles_from("https://example.com/roles");
    assert_eq!(named.read().unwrap().claims().roles, ["editor"]);
    let one = named
        .clone()
        .claim("https://example.com/roles", json!("admin"));
    assert_eq!(one.read().unwrap().claims().roles, ["admin"]);
    let none = named
        .clone()
        .claim("https://example.com/roles", json!(null))
        .claim("roles", json!(["admin"]));
    assert!(none.read().unwrap().claims().roles.is_empty());
    let odd = named.claim("https://example.com/roles", json!({"admin": true}));
    assert_eq!(odd.verdict(), Err(Rejection::MalformedClaim("roles")));
    let mut realm = keycloak().claim("groups", json!(["staff"]));
    realm.expected = realm.expected.with_roles_from("groups");
    assert_eq!(realm.read().unwrap().claims().roles, ["staff"]);
}

#[test]
fn a_maximal_age_bounds_any_token() {
    let forge = Forge::new();
    let at = |now: i64, age: u32, leeway: u32| {
        let expected = expected(Algorithm::Es256)
            .with_max_age_seconds(age)
            .with_leeway_seconds(leeway);
        let verified = verify(&forge.token(), &forge.keys, &expected, now);
        if let Ok(verified) = &verified {
            assert!(now < expected.refused_from(verified.claims()));
        }
        verified.map(drop)
    };
    // It was issued a minute ago, and expires in nine.
    assert_eq!(at(NOW, 61, 0), Ok(()));
    assert_eq!(at(NOW, 60, 0), Err(Rejection::Expired));
    assert_eq!(at(NOW, 60, 1), Ok(()));
    assert_eq!(at(NOW + 540, u32::MAX, 0), Err(Rejection::Expired));
}
