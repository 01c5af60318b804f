//! One verifier for several issuers: each token is judged by its own issuer's rules and keys, and by
//! nothing else (RFC 8725 §3.8; CVE-2026-27840, CVE-2026-31813).

#![expect(clippy::unwrap_used, reason = "a test that can't set up has failed")]

mod common;

use countersign_token::{AccessTokenClaims, Algorithm, PrivateKey};
use countersign_verify::{
    Expected, IssuerTwice, Keys, Principal, Profile, Refusal, Rejection, Verifier,
};

use common::{TestClock, claims, expected, key, token, token_of};

const OTHER: &str = "https://other.example.com";

fn of_other() -> AccessTokenClaims {
    AccessTokenClaims {
        iss: OTHER.parse().unwrap(),
        aud: vec!["https://other-api.example.com".parse().unwrap()],
        ..claims()
    }
}

fn other_expected(algorithm: Algorithm) -> Expected {
    let audience = "https://other-api.example.com".parse().unwrap();
    Expected::new(OTHER.parse().unwrap(), audience, algorithm)
}

struct Two {
    ours: PrivateKey,
    others: PrivateKey,
    verifier: Verifier,
}

fn two() -> Two {
    let (ours, others) = (key(), PrivateKey::generate(Algorithm::EdDsa).unwrap());
    let verifier = Verifier::new(expected(), Keys::from_private_key(&ours).unwrap());
    let other = Verifier::new(
        other_expected(Algorithm::EdDsa),
        Keys::from_private_key(&others).unwrap(),
    );
    Two {
        verifier: verifier.or(other).unwrap().with_clock(TestClock::new()),
        ours,
        others,
    }
}

impl Two {
    async fn verdict(&self, token: &str) -> Result<Principal, Refusal> {
        self.verifier.verify(token).await
    }
}

#[tokio::test]
async fn each_issuer_is_trusted_for_its_own_tokens() {
    let two = two();
    let caller = two.verdict(&token(&two.ours)).await.unwrap();
    assert_eq!(caller.issuer().as_str(), "https://id.example.com");
    let caller = two
        .verdict(&token_of(&two.others, &of_other()))
        .await
        .unwrap();
    assert_eq!(caller.issuer().as_str(), OTHER);
    let issuers: Vec<_> = two
        .verifier
        .trusted()
        .map(|one| one.issuer().as_str())
        .collect();
    assert_eq!(issuers, ["https://id.example.com", OTHER]);
}

#[tokio::test]
async fn a_key_of_one_issuer_never_verifies_a_token_that_names_another() {
    let two = two();
    let refused = |verdict: Result<Principal, Refusal>| verdict.unwrap_err();
    // Each key is trusted, for somebody else.
    let verdict = two.verdict(&token_of(&two.others, &claims())).await;
    assert_eq!(refused(verdict), Rejection::UnsupportedAlgorithm.into());
    let verdict = two.verdict(&token_of(&two.ours, &of_other())).await;
    assert_eq!(refused(verdict), Rejection::UnsupportedAlgorithm.into());
    // Even with one algorithm for both.
    let (ours, others) = (key(), key());
    let keys = |key| Keys::from_private_key(key).unwrap();
    let verifier = Verifier::new(expected(), keys(&ours))
        .or(Verifier::new(
            other_expected(Algorithm::Es256),
            keys(&others),
        ))
        .unwrap()
        .with_clock(TestClock::new());
    let verdict = verifier.verify(&token_of(&others, &claims())).await;
    assert_eq!(refused(verdict), Rejection::UnknownKey.into());
}

#[tokio::test]
async fn audiences_and_algorithms_of_one_issuer_are_nothing_to_another() {
    let two = two();
    let borrowed = AccessTokenClaims {
        aud: of_other().aud,
        ..claims()
    };
    let verdict = two.verdict(&token_of(&two.ours, &borrowed)).await;
    assert_eq!(verdict, Err(Rejection::WrongAudience.into()));
}

#[tokio::test]
async fn a_token_of_nobody_who_is_trusted_is_refused() {
    let two = two();
    for issuer in [
        "https://id.example.com/",
        "https://evil.example.com",
        "HTTPS://ID.EXAMPLE.COM",
    ] {
        let stranger = AccessTokenClaims {
            iss: issuer.parse().unwrap(),
            ..claims()
        };
        let verdict = two.verdict(&token_of(&two.ours, &stranger)).await;
        assert_eq!(verdict, Err(Rejection::WrongIssuer.into()), "{issuer}");
    }
    for rubbish in [
        "",
        "a.b.c",
        "eyJhbGciOiJFUzI1NiJ9..",
        "eyJhbGciOiJFUzI1NiJ9.e30.",
    ] {
        assert!(two.verdict(rubbish).await.is_err(), "{rubbish}");
    }
}

#[test]
fn one_issuer_has_one_verifier() {
    let verifier = || Verifier::new(expected(), Keys::new());
    let twice = verifier().or(verifier()).unwrap_err();
    assert_eq!(
        twice,
        IssuerTwice("https://id.example.com".parse().unwrap())
    );
    // However it is reached, and under whatever profile.
    let other = || Verifier::new(other_expected(Algorithm::Es256), Keys::new());
    let two = verifier().or(other()).unwrap();
    assert!(two.clone().or(other()).is_err());
    assert!(other().or(two.clone()).is_err());
    let openid = Expected::of_profile(
        Profile::OpenId,
        OTHER.parse().unwrap(),
        vec!["x".parse().unwrap()],
        vec![Algorithm::Rs256],
    );
    assert!(two.or(Verifier::new(openid.unwrap(), Keys::new())).is_err());
}

/// The tokens of a tutorial beside those of an issuer, while an API moves from one to the other.
#[tokio::test]
async fn tokens_without_an_issuer_are_for_the_verifier_that_takes_them_alone() {
    let secret = b"a shared secret of more than thirty-two bytes";
    let ours = key();
    let legacy = Expected::dangerous_without_issuer(
        "legacy".parse().unwrap(),
        Algorithm::Hs256,
        "id",
        86_400,
        "a test",
    );
    let keys = Keys::from_hs256_secret(secret).unwrap();
    let verifier = Verifier::new(expected(), Keys::from_private_key(&ours).unwrap());
    let without = verifier.clone().with_clock(TestClock::new());
    let with = verifier.or(Verifier::new(legacy, keys)).unwrap();
    let with = with.with_clock(TestClock::new());
    // Made by OpenSSL: {"alg":"HS256","typ":"JWT"} and {"id":7,"iat":1800000000,"exp":1800086400}.
    let old = include_str!("fixtures/tutorial_token.txt").trim();
    let caller = with.verify(old).await.unwrap();
    assert_eq!(
        (caller.issuer().as_str(), caller.subject()),
        ("legacy", "7")
    );
    assert!(with.verify(&token(&ours)).await.is_ok());
    assert!(without.verify(old).await.is_err());
    // A token that says it is from `legacy` is not one that names nobody.
    let named = AccessTokenClaims {
        iss: "legacy".parse().unwrap(),
        ..claims()
    };
    let secret = PrivateKey::hs256(secret).unwrap();
    let verdict = with.verify(&token_of(&secret, &named)).await;
    assert_eq!(verdict, Err(Rejection::WrongIssuer.into()));
}

#[tokio::test]
async fn the_callers_of_two_issuers_are_two_though_their_ids_are_one() {
    let two = two();
    let ours = two.verdict(&token(&two.ours)).await.unwrap();
    let other = two
        .verdict(&token_of(&two.others, &of_other()))
        .await
        .unwrap();
    assert_eq!(ours.subject(), other.subject());
    assert_ne!(
        (ours.issuer(), ours.subject()),
        (other.issuer(), other.subject())
    );
}
