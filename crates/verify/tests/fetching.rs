//! A verifier against a real key server on loopback: how often it asks, and what it does when there is no
//! answer (auth0/node-jwks-rsa#108, supabase/auth#2821, awslabs/aws-jwt-verify#72).

mod common;

use axum::http::StatusCode;
use countersign_token::{PrivateKey, Rejection};
use countersign_verify::{JwksSource, Refusal, SourceError, Verifier};

use common::issuer::{Issuer, all};
use common::{TestClock, claims, expected, key, key_set, token, token_of};

/// Tokens that each name a key of their own.
fn strangers(count: usize) -> Vec<String> {
    (0..count).map(|_| token(&key())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_at_a_cold_start_cause_one_fetch() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let verifier = issuer.verifier(&TestClock::new());
    let answers = all(&verifier, vec![token(&key); 50]).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_tokens_with_unknown_keys_cause_one_fetch_in_thirty_seconds() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let clock = TestClock::new();
    let verifier = issuer.verifier(&clock);
    for fetches in [1, 2] {
        let answers = all(&verifier, strangers(200)).await;
        let unknown = Err(Refusal::Token(Rejection::UnknownKey));
        assert!(
            answers.iter().all(|answer| *answer == unknown),
            "{answers:?}"
        );
        assert_eq!(issuer.requests(), fetches);
        assert!(verifier.verify(&token(&key)).await.is_ok());
        clock.advance(29);
        assert_eq!(
            verifier.verify(&token(&common::key())).await.map(drop),
            unknown
        );
        assert_eq!(issuer.requests(), fetches);
        clock.advance(1);
    }
}

#[tokio::test]
async fn a_new_key_is_picked_up_at_its_first_token() {
    let (old, new) = (key(), key());
    let issuer = Issuer::start(&[&old]).await;
    let clock = TestClock::new();
    let verifier = issuer.verifier(&clock);
    assert!(verifier.verify(&token(&old)).await.is_ok());

    issuer.publish(&[&old, &new]);
    clock.advance(30);
    assert!(verifier.verify(&token(&new)).await.is_ok());
    assert!(verifier.verify(&token(&old)).await.is_ok());
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_is_dropped_at_the_end_of_the_cache_lifetime() {
    let (old, new) = (key(), key());
    let issuer = Issuer::start(&[&old]).await;
    let clock = TestClock::new();
    let verifier = issuer.verifier(&clock);
    assert!(verifier.verify(&token(&old)).await.is_ok());

    issuer.publish(&[&new]);
    clock.advance(299);
    assert!(verifier.verify(&token(&old)).await.is_ok());
    clock.advance(1);
    let gone = Err(Refusal::Token(Rejection::UnknownKey));
    assert_eq!(verifier.verify(&token(&old)).await.map(drop), gone);
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_the_issuer_keeps_known_keys_serving_for_a_day() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let clock = TestClock::new();
    let verifier = issuer.verifier(&clock);
    assert!(verifier.verify(&token(&key)).await.is_ok());

    issuer.status(StatusCode::INTERNAL_SERVER_ERROR);
    clock.advance(300);
    let answers = all(&verifier, vec![token(&key); 50]).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(
        issuer.requests(),
        2,
        "one attempt, and a pause after its failure"
    );
    // Whether an unknown key is good can't be told while the issuer is silent.
    let unknown = verifier.verify(&token(&common::key())).await.map(drop);
    assert_eq!(unknown, Err(Refusal::KeysUnavailable));
    assert_eq!(issuer.requests(), 2);

    clock.advance(24 * 3_600);
    assert_eq!(
        verifier.verify(&token(&key)).await.map(drop),
        Err(Refusal::KeysUnavailable)
    );
    issuer.status(StatusCode::OK);
    clock.advance(2);
    assert!(verifier.verify(&token(&key)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_never_answered_is_asked_once_in_a_while() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    issuer.status(StatusCode::NOT_FOUND);
    let clock = TestClock::new();
    let verifier = issuer.verifier(&clock);
    for fetches in 1..=4 {
        let answers = all(&verifier, vec![token(&key); 50]).await;
        assert!(
            answers
                .iter()
                .all(|answer| *answer == Err(Refusal::KeysUnavailable))
        );
        assert_eq!(issuer.requests(), fetches);
        clock.advance(1 << (fetches - 1));
    }
}

#[tokio::test]
async fn a_bundled_set_needs_no_network_to_start() {
    let (bundled, new) = (key(), key());
    let issuer = Issuer::start(&[&bundled, &new]).await;
    let clock = TestClock::new();
    let source = issuer.source().with_bundled(&key_set(&[&bundled])).unwrap();
    let verifier = Verifier::new(expected(), source).with_clock(clock.clone());
    for _ in 0..3 {
        assert!(verifier.verify(&token(&bundled)).await.is_ok());
    }
    assert_eq!(issuer.requests(), 0);

    assert!(verifier.verify(&token(&new)).await.is_ok());
    assert_eq!(issuer.requests(), 1);
}

#[tokio::test]
async fn a_bundled_set_serves_even_if_the_issuer_is_never_there() {
    let key = key();
    let source = JwksSource::new("http://127.0.0.1:9/jwks.json").unwrap();
    let source = source.with_bundled(&key_set(&[&key])).unwrap();
    let clock = TestClock::new();
    let verifier = Verifier::new(expected(), source).with_clock(clock.clone());
    for _ in 0..3 {
        assert!(verifier.verify(&token(&key)).await.is_ok());
        clock.advance(24 * 3_600);
    }
}

#[tokio::test]
async fn a_dangerous_or_oversized_answer_does_not_replace_what_is_known() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let clock = TestClock::new();
    let verifier = issuer.verifier(&clock);
    assert!(verifier.verify(&token(&key)).await.is_ok());
    for body in [
        String::new(),
        "<html>".into(),
        r#"{"keys":[]}"#.into(),
        r#"{"keys":[{"kty":"oct","k":"AAAA","alg":"HS256"}]}"#.into(),
        " ".repeat(64 * 1024) + r#"{"keys":[]}"#,
    ] {
        issuer.body(body);
        clock.advance(3_600);
        let before = issuer.requests();
        assert!(verifier.verify(&token(&key)).await.is_ok());
        assert_eq!(issuer.requests(), before + 1);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    issuer.status(StatusCode::FOUND);
    let verifier = issuer.verifier(&TestClock::new());
    assert_eq!(
        verifier.verify(&token(&key)).await.map(drop),
        Err(Refusal::KeysUnavailable)
    );
}

#[tokio::test]
async fn a_token_that_is_refused_anyway_causes_no_fetch() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let verifier = issuer.verifier(&TestClock::new());
    let other = PrivateKey::generate(countersign_token::Algorithm::EdDsa).unwrap();
    for bad in ["", "a.b.c", &token(&other), &"x".repeat(10_000)] {
        assert!(matches!(verifier.verify(bad).await, Err(Refusal::Token(_))));
    }
    assert_eq!(issuer.requests(), 0);
}

#[tokio::test]
async fn an_expired_token_is_expired_whatever_the_keys() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let clock = TestClock::new();
    let mut claims = claims();
    claims.exp = common::NOW + 600;
    clock.advance(600 + 30);
    let answer = issuer
        .verifier(&clock)
        .verify(&token_of(&key, &claims))
        .await;
    assert_eq!(answer.map(drop), Err(Refusal::Token(Rejection::Expired)));
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_hang_up_do_not_cause_fetch_after_fetch() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let verifier = issuer.verifier(&TestClock::new());
    let token = token(&key);
    for _ in 0..20 {
        // Polled once, which starts the fetch, and dropped.
        let mut verifying = Box::pin(verifier.verify(&token));
        let _ = futures_poll_once(verifying.as_mut()).await;
    }
    assert!(verifier.verify(&token).await.is_ok());
    assert_eq!(issuer.requests(), 1);
}

async fn futures_poll_once<F: Future + Unpin>(mut future: F) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut future).poll(cx) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[test]
fn keys_come_over_https_or_from_this_machine() {
    for good in [
        "https://id.example.com/jwks.json",
        "http://127.0.0.1:4455/jwks.json",
        "http://127.8.8.8/jwks.json",
        "http://[::1]:4455/jwks.json",
        "http://localhost:4455/jwks.json",
    ] {
        assert!(JwksSource::new(good).is_ok(), "{good}");
    }
    for bad in [
        "http://id.example.com/jwks.json",
        "http://127.0.0.1.example.com/jwks.json",
        "http://localhost.example.com/jwks.json",
        "http://10.0.0.1/jwks.json",
        "http://0.0.0.0/jwks.json",
        "http://127.0.0.1@example.com/jwks.json",
        "ftp://127.0.0.1/jwks.json",
        "file:///jwks.json",
    ] {
        assert_eq!(
            JwksSource::new(bad).unwrap_err(),
            SourceError::NotHttps,
            "{bad}"
        );
    }
    assert_eq!(
        JwksSource::new("/jwks.json").unwrap_err(),
        SourceError::InvalidUrl
    );
    let inside = "http://issuer.internal/jwks.json";
    assert!(JwksSource::dangerous_over_plain_http(inside, "a service mesh encrypts it").is_ok());
}
