//! Tokens that name no key, of issuers that have one: the keys are looked at as they are known, and such
//! a token never causes a fetch as one with an unknown key does.

#![expect(clippy::unwrap_used, reason = "a test that can't set up has failed")]

mod common;

use countersign_token::{Algorithm, Expected, JwkSet};
use countersign_verify::{Rejection, Verifier};

use common::issuer::Issuer;
use common::{TestClock, key, key_set};

/// Made by OpenSSL, with the key of `one_key.json`, at the second at which the clocks of the tests stand.
const TOKEN: &str = include_str!("fixtures/token_without_key_id.txt");
const ONE_KEY: &str = include_str!("fixtures/one_key.json");

async fn issuer() -> Issuer {
    let issuer = Issuer::start(&[]).await;
    issuer.body(ONE_KEY);
    issuer
}

fn verifier(issuer: &Issuer, clock: &TestClock) -> Verifier {
    let expected = Expected::openid(
        "https://one-key.example.com".parse().unwrap(),
        "api".parse().unwrap(),
        Algorithm::Es256,
    );
    Verifier::new(expected, issuer.source()).with_clock(clock.clone())
}

#[tokio::test]
async fn the_only_key_of_an_issuer_is_fetched_once_and_kept() {
    let issuer = issuer().await;
    let clock = TestClock::new();
    let verifier = verifier(&issuer, &clock);
    for _ in 0..100 {
        assert!(verifier.verify(TOKEN.trim()).await.is_ok());
        clock.advance(2);
    }
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test]
async fn bad_tokens_without_a_key_id_cause_no_fetches() {
    let issuer = issuer().await;
    let clock = TestClock::new();
    let verifier = verifier(&issuer, &clock);
    let (message, _) = TOKEN.trim().rsplit_once('.').unwrap();
    for _ in 0..100 {
        let bent = format!("{message}.{}", "A".repeat(86));
        let verdict = verifier.verify(&bent).await;
        assert_eq!(verdict, Err(Rejection::BadSignature.into()));
        clock.advance(2);
    }
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test]
async fn with_two_keys_it_is_not_guessed_which_is_meant() {
    let issuer = issuer().await;
    let both = JwkSet::parse(ONE_KEY.as_bytes()).unwrap();
    let both = JwkSet::new(both.iter().chain(&key_set(&[&key()])).cloned()).unwrap();
    issuer.body(serde_json::to_string(&both).unwrap());
    let verifier = verifier(&issuer, &TestClock::new());
    let verdict = verifier.verify(TOKEN.trim()).await;
    assert_eq!(verdict, Err(Rejection::MissingKeyId.into()));
}
