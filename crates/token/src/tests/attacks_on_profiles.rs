//! The classes of attack on tokens again, on the tokens of other issuers: no profile is a way round a
//! check that another makes (RFC 8725 §2, §3; RFC 9068 §4).

use serde_json::json;

use super::profiles::{Foreign, all, auth0, cognito, entra, keycloak, okta, tutorial};
use super::{Forge, NOW, expected};
use crate::{Algorithm, Expected, Keys, PrivateKey, Profile, Rejection, UnverifiedToken, verify};

/// Those that name issuer and audience.
fn named() -> [Foreign; 5] {
    [auth0(), cognito(), keycloak(), okta(), entra()]
}

#[test]
fn the_samples_are_good_as_long_as_nothing_is_bent() {
    for foreign in all() {
        assert_eq!(foreign.verdict(), Ok(()), "{}", foreign.payload);
    }
}

#[test]
fn no_profile_takes_the_tokens_of_another() {
    for (index, reader) in all().iter().enumerate() {
        for (other, foreign) in all().iter().enumerate() {
            let verdict = foreign.read_by(&reader.expected).map(drop);
            assert_eq!(
                verdict.is_ok(),
                index == other,
                "{index} reads {other}: {verdict:?}"
            );
        }
    }
}

// CVE-2026-55669, GHSA-wxg7-w2v3-w38g: a check that is skipped because its claim is absent.
#[test]
fn every_profile_requires_issuer_subject_and_times() {
    for foreign in named() {
        for name in ["iss", "sub", "exp", "iat"] {
            let verdict = foreign.clone().claim(name, json!(null)).verdict();
            assert_eq!(
                verdict,
                Err(Rejection::MissingClaim(name)),
                "{}",
                foreign.payload
            );
        }
    }
    for name in ["exp", "iat"] {
        let verdict = tutorial().claim(name, json!(null)).verdict();
        assert_eq!(verdict, Err(Rejection::MissingClaim(name)));
    }
    let nobody = tutorial().claim("id", json!(null)).verdict();
    assert_eq!(nobody, Err(Rejection::MissingClaim("sub")));
}

#[test]
fn every_profile_requires_an_audience_of_ours() {
    for foreign in [auth0(), keycloak(), okta(), entra()] {
        let absent = foreign.clone().claim("aud", json!(null)).verdict();
        assert_eq!(absent, Err(Rejection::MissingClaim("aud")));
        for other in [
            json!("https://other"),
            json!(["https://other"]),
            json!([]),
            json!(""),
        ] {
            let verdict = foreign.clone().claim("aud", other).verdict();
            assert_eq!(verdict, Err(Rejection::WrongAudience));
        }
    }
}

#[test]
fn a_token_of_cognito_is_for_one_of_our_clients_or_bound_to_us() {
    let other = cognito().claim("client_id", json!("another")).verdict();
    assert_eq!(other, Err(Rejection::WrongAudience));
    let absent = cognito().claim("client_id", json!(null)).verdict();
    assert_eq!(absent, Err(Rejection::MissingClaim("client_id")));
    // Bound to another resource server: our client's id does not save it.
    let bound = cognito().claim("aud", json!("https://other"));
    assert_eq!(bound.verdict(), Err(Rejection::WrongAudience));
    let mut ours = cognito().claim("aud", json!("https://api.example.com"));
    ours.expected = ours
        .expected
        .or_audience("https://api.example.com".parse().unwrap());
    assert_eq!(ours.verdict(), Ok(()));
}

// CVE-2026-25537, CVE-2026-32597, CVE-2026-35042: a time of the wrong type counts as absent.
#[test]
fn every_profile_refuses_times_of_the_wrong_type_and_of_the_past() {
    for foreign in all() {
        for name in ["exp", "iat", "nbf"] {
            for bad in [json!("1900000000"), json!(1.9e9), json!(true), json!(-1)] {
                let verdict = foreign.clone().claim(name, bad).verdict();
                assert_eq!(verdict, Err(Rejection::MalformedClaim(name)));
            }
        }
        let expired = foreign.clone().claim("exp", json!(NOW)).verdict();
        assert_eq!(expired, Err(Rejection::Expired));
        let early = foreign.clone().claim("nbf", json!(NOW + 1)).verdict();
        assert_eq!(early, Err(Rejection::NotYetValid));
        let future = foreign.claim("iat", json!(NOW + 1)).verdict();
        assert_eq!(future, Err(Rejection::IssuedInFuture));
    }
}

// CVE-2026-27840, CVE-2026-31813: a token of another issuer.
#[test]
fn every_profile_compares_the_issuer_byte_by_byte() {
    for foreign in named() {
        let issuer = foreign.expected.issuer().as_str().to_owned();
        let slash = issuer
            .strip_suffix('/')
            .map_or(format!("{issuer}/"), str::to_owned);
        for bad in [
            slash,
            issuer.to_uppercase(),
            format!("{issuer}x"),
            String::new(),
        ] {
            let verdict = foreign.clone().claim("iss", json!(bad)).verdict();
            assert_eq!(verdict, Err(Rejection::WrongIssuer), "{bad}");
        }
        let listed = foreign.clone().claim("iss", json!([issuer])).verdict();
        assert_eq!(listed, Err(Rejection::MalformedClaim("iss")));
    }
}

// RFC 8725 §2.8: an ID token of the same issuer, with the same key, even for the same audience.
#[test]
fn an_id_token_is_no_access_token_wherever_it_can_be_told() {
    let mine = |foreign: &Foreign| foreign.expected.audiences()[0].to_string();
    // Cognito says it outright.
    for token_use in [json!("id"), json!(null), json!(["access"]), json!("ACCESS")] {
        let id = cognito().claim("token_use", token_use);
        assert_eq!(id.verdict(), Err(Rejection::WrongType));
    }
    // Auth0's has no `azp`; any has a nonce or a hash, if it came through a browser.
    let id = auth0()
        .claim("azp", json!(null))
        .claim("aud", json!(mine(&auth0())));
    assert_eq!(id.verdict(), Err(Rejection::WrongType));
    for name in ["nonce", "at_hash", "c_hash"] {
        for foreign in [auth0(), okta(), entra()] {
            let id = foreign.claim(name, json!("n-0S6_WzA2Mj"));
            assert_eq!(id.verdict(), Err(Rejection::WrongType), "{name}");
        }
    }
    // Keycloak says it in a claim.
    for typ in [
        json!("ID"),
        json!("Refresh"),
        json!("Offline"),
        json!("Logout"),
        json!(7),
    ] {
        let id = keycloak().claim("typ", typ);
        assert_eq!(id.verdict(), Err(Rejection::WrongType));
    }
    let id = keycloak().claim("at_hash", json!("x"));
    assert_eq!(id.verdict(), Err(Rejection::WrongType));
    // One that carries no mark at all: nothing says that it is for an API.
    let bare = okta().claim("scp", json!(null)).claim("cid", json!(null));
    assert_eq!(bare.verdict(), Err(Rejection::WrongType));
    let typed = bare.header("typ", json!("at+jwt"));
    assert_eq!(typed.verdict(), Ok(()));
    let id = okta().claim("token_use", json!("id"));
    assert_eq!(id.verdict(), Err(Rejection::WrongType));
}

#[test]
fn a_logout_token_and_other_typed_tokens_are_no_access_tokens() {
    for foreign in all() {
        for typ in ["logout+jwt", "dpop+jwt", "secevent+jwt", "at+jwt ", "x"] {
            let verdict = foreign.clone().header("typ", json!(typ)).verdict();
            assert_eq!(verdict, Err(Rejection::WrongType), "{typ}");
        }
    }
    let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    for foreign in [okta(), entra(), keycloak()] {
        let verdict = foreign.claim("events", event.clone()).verdict();
        assert_eq!(verdict, Err(Rejection::WrongType));
    }
    // Cognito and the tutorials never write `at+jwt`, so that such a token is for somebody else.
    for foreign in [cognito(), tutorial()] {
        let verdict = foreign.header("typ", json!("at+jwt")).verdict();
        assert_eq!(verdict, Err(Rejection::WrongType));
    }
    assert_eq!(
        auth0().header("typ", json!(null)).verdict(),
        Err(Rejection::WrongType)
    );
}

// RFC 9068 as strict as ever: what other profiles let through is nothing to it.
/// A token that is bound to a key (RFC 9449, RFC 8705) is worth nothing without it, and nobody here asks for
/// the proof: shown alone it is a stolen one, or one of a client that a gateway has to check.
#[test]
fn a_token_that_is_bound_to_a_key_is_no_bearer_token() {
    for foreign in all() {
        for bound in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!("x")] {
            let verdict = foreign.clone().claim("cnf", bound).verdict();
            assert_eq!(verdict, Err(Rejection::WrongType), "{}", foreign.payload);
        }
    }
    let dpop = keycloak().claim("typ", json!("DPoP")).verdict();
    assert_eq!(dpop, Err(Rejection::WrongType));
}

#[test]
fn the_profile_of_countersign_takes_no_liberty_of_another() {
    let plain = Forge::new().header("typ", json!("JWT"));
    assert_eq!(plain.verdict(), Err(Rejection::WrongType));
    let nameless = Forge::new().header("kid", json!(null));
    assert_eq!(nameless.verdict(), Err(Rejection::MissingKeyId));
    let listed = Forge::new().claim("scope", json!(["users:read"]));
    assert_eq!(listed.verdict(), Err(Rejection::MalformedClaim("scope")));
    for (name, other) in [("client_id", "azp"), ("jti", "origin_jti")] {
        let renamed = Forge::new()
            .claim(name, json!(null))
            .claim(other, json!("x"));
        assert_eq!(renamed.verdict(), Err(Rejection::MissingClaim(name)));
    }
    // And claims of others mean nothing in it, whatever their type.
    let more = [
        "permissions",
        "scp",
        "cognito:groups",
        "realm_access",
        "azp",
        "nonce",
        "typ",
    ];
    let forge = more.into_iter().fold(Forge::new(), |forge, name| {
        forge.claim(name, json!({"roles": ["admin"]}))
    });
    let verified = verify(
        &forge.token(),
        &forge.keys,
        &expected(Algorithm::Es256),
        NOW,
    )
    .unwrap();
    assert_eq!(verified.claims(), &super::claims());
}

#[test]
fn a_token_without_a_key_id_takes_an_issuer_with_one_key() {
    let one = PrivateKey::generate(Algorithm::Es256).unwrap();
    let two = PrivateKey::generate(Algorithm::Es256).unwrap();
    let other_kind = PrivateKey::generate(Algorithm::EdDsa).unwrap();
    for foreign in all() {
        let nameless = foreign.header("kid", json!(null));
        assert_eq!(nameless.verdict(), Ok(()));
        let token = nameless.token();
        let verdict = |keys: &Keys| verify(&token, keys, &nameless.expected, NOW).map(drop);
        let mut keys = Keys::from_private_key(&other_kind).unwrap();
        assert_eq!(verdict(&keys), Err(Rejection::UnknownKey));
        keys.add_private_key(&one).unwrap();
        assert_eq!(verdict(&keys), Err(Rejection::BadSignature));
        keys.add_private_key(&two).unwrap();
        assert_eq!(verdict(&keys), Err(Rejection::MissingKeyId));
    }
}

// RFC 8725 §3.10, CVE-2025-59420: headers that change how a token is read.
#[test]
fn every_profile_refuses_headers_that_bring_keys_or_extensions() {
    for foreign in all() {
        for name in ["jwk", "jku", "x5u", "x5c", "enc", "zip"] {
            let verdict = foreign.clone().header(name, json!("x")).verdict();
            assert_eq!(verdict, Err(Rejection::ForbiddenHeader), "{name}");
        }
        for name in ["crit", "b64"] {
            let verdict = foreign.clone().header(name, json!(["exp"])).verdict();
            assert_eq!(verdict, Err(Rejection::CriticalHeader), "{name}");
        }
        for none in ["none", "None", "HS256K", ""] {
            let verdict = foreign.clone().header("alg", json!(none)).verdict();
            assert_eq!(verdict, Err(Rejection::UnsupportedAlgorithm), "{none}");
        }
    }
}

#[test]
fn roles_and_scopes_of_an_odd_form_are_refused_and_never_guessed() {
    for (foreign, name, bad) in [
        (auth0(), "permissions", json!("admin")),
        (auth0(), "permissions", json!(["a b"])),
        (auth0(), "scope", json!(["a"])),
        (cognito(), "cognito:groups", json!("testers")),
        (okta(), "scp", json!(["a b"])),
        (okta(), "scp", json!({"a": true})),
        (entra(), "roles", json!({"Editor": true})),
        (entra(), "roles", json!([1])),
    ] {
        let verdict = foreign.claim(name, bad).verdict();
        assert_eq!(verdict, Err(Rejection::MalformedClaim(name)));
    }
    for bad in [json!({"roles": [1]}), json!({"roles": {"a": 1}})] {
        let verdict = keycloak().claim("realm_access", bad).verdict();
        assert_eq!(verdict, Err(Rejection::MalformedClaim("roles")));
    }
    assert!(
        keycloak()
            .claim("realm_access", json!(7))
            .read()
            .unwrap()
            .claims()
            .roles
            .is_empty()
    );
}

// The tutorials' tokens that live a year or for ever.
#[test]
fn a_tutorials_token_dies_of_age_however_late_it_expires() {
    let year = |iat: i64| {
        tutorial()
            .claim("iat", json!(iat))
            .claim("exp", json!(NOW + 31_536_000))
    };
    assert_eq!(year(NOW - 86_399).verdict(), Ok(()));
    assert_eq!(year(NOW - 86_400).verdict(), Err(Rejection::Expired));
    assert_eq!(year(0).verdict(), Err(Rejection::Expired));
}

// A token that says whom it is for is not taken by a verifier that doesn't ask.
#[test]
fn a_verifier_without_issuer_refuses_tokens_that_name_one() {
    for (name, value, refusal) in [
        (
            "iss",
            json!("https://id.example.com"),
            Rejection::WrongIssuer,
        ),
        ("iss", json!("legacy"), Rejection::WrongIssuer),
        ("iss", json!(""), Rejection::WrongIssuer),
        ("aud", json!("https://other"), Rejection::WrongAudience),
        ("aud", json!([]), Rejection::WrongAudience),
    ] {
        assert_eq!(tutorial().claim(name, value).verdict(), Err(refusal));
    }
    for bad in [
        json!(""),
        json!(1.5),
        json!(true),
        json!(["7"]),
        json!({"$ne": null}),
    ] {
        let verdict = tutorial().claim("id", bad).verdict();
        assert_eq!(verdict, Err(Rejection::MalformedClaim("sub")));
    }
}

#[test]
fn an_unverified_token_tells_its_issuer_once_and_in_one_way() {
    let issuer = |foreign: Foreign| {
        let token = foreign.token();
        UnverifiedToken::parse(&token).unwrap().issuer()
    };
    assert_eq!(
        issuer(auth0()).unwrap().as_deref(),
        Some("https://example.eu.auth0.com/")
    );
    assert_eq!(issuer(tutorial()), Ok(None));
    let listed = auth0().claim("iss", json!(["https://example.eu.auth0.com/"]));
    assert_eq!(issuer(listed), Err(Rejection::MalformedClaim("iss")));
    let forge = Forge::new();
    let payload = forge.payload.to_string();
    let twice = format!(r#"{{"iss":"https://other",{}"#, &payload[1..]);
    let token = forge.sign(&forge.header.to_string(), &twice);
    let issuer = UnverifiedToken::parse(&token).unwrap().issuer();
    assert_eq!(issuer, Err(Rejection::DuplicateMember));
}

#[test]
fn a_profile_is_what_the_verifier_says_and_never_what_the_token_looks_like() {
    let foreign = okta();
    for profile in Profile::ALL {
        let expected = Expected::of_profile(
            profile,
            foreign.expected.issuer().clone(),
            foreign.expected.audiences().to_vec(),
            vec![Algorithm::Es256],
        )
        .unwrap();
        let verdict = foreign.read_by(&expected).map(drop);
        assert_eq!(
            verdict.is_ok(),
            profile == Profile::OpenId,
            "{profile}: {verdict:?}"
        );
    }
}
