//! What a verifier does when fetching keys is slow, frozen or asked for too often.

#![expect(clippy::unwrap_used, reason = "a test that can't set up has failed")]

mod common;

use std::num::NonZeroU32;
use std::pin::pin;
use std::task::Poll;

use countersign_token::Rejection;
use countersign_verify::{Refusal, Verifier};
use tokio::runtime::{Builder, Runtime};

use common::issuer::{Issuer, all};
use common::{TestClock, expected, key, key_set, token};

/// Polled once, which starts a fetch; whoever drops it then has hung up.
async fn begin(verifying: impl Future) {
    let mut verifying = pin!(verifying);
    std::future::poll_fn(|cx| {
        assert!(verifying.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// A runtime that runs by itself, and one that stands still between two calls, as Lambda does.
fn awake_and_frozen() -> (Runtime, Runtime) {
    let awake = Builder::new_multi_thread().enable_all().build().unwrap();
    let frozen = Builder::new_current_thread().enable_all().build().unwrap();
    (awake, frozen)
}

#[test]
fn a_fetch_that_was_frozen_midway_does_not_hold_up_later_calls() {
    let (awake, frozen) = awake_and_frozen();
    let key = key();
    let token = token(&key);
    let issuer = awake.block_on(Issuer::start(&[&key]));
    let clock = TestClock::new();
    let verifier = issuer.verifier(&clock);
    frozen.block_on(begin(verifier.verify(&token)));

    clock.advance(11);
    assert!(awake.block_on(verifier.verify(&token)).is_ok());
    assert_eq!(issuer.requests(), 1);
}

#[test]
fn a_fetch_that_went_away_with_its_runtime_does_not_hold_up_later_calls() {
    let (awake, frozen) = awake_and_frozen();
    let key = key();
    let token = token(&key);
    let issuer = awake.block_on(Issuer::start(&[&key]));
    let verifier = issuer.verifier(&TestClock::new());
    frozen.block_on(begin(verifier.verify(&token)));
    drop(frozen);

    assert!(awake.block_on(verifier.verify(&token)).is_ok());
}

#[test]
fn while_a_fetch_is_frozen_bundled_keys_serve_at_once() {
    let (awake, frozen) = awake_and_frozen();
    let key = key();
    let token = token(&key);
    let issuer = awake.block_on(Issuer::start(&[&key]));
    let clock = TestClock::new();
    let source = issuer.source().with_bundled(&key_set(&[&key])).unwrap();
    let verifier = Verifier::new(expected(), source).with_clock(clock.clone());
    assert!(frozen.block_on(verifier.verify(&token)).is_ok());

    clock.advance(600);
    frozen.block_on(begin(verifier.verify(&token)));
    for _ in 0..100 {
        assert!(awake.block_on(verifier.verify(&token)).is_ok());
    }
    assert_eq!(issuer.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_takes_the_request_and_never_answers_holds_up_nobody_whose_key_is_known() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let clock = TestClock::new();
    let verifier = issuer.verifier(&clock);
    assert!(verifier.verify(&token(&key)).await.is_ok());

    issuer.is_stuck(true);
    clock.advance(300);
    // One of them waits a second for the fetch, the others not at all.
    let answers = all(&verifier, vec![token(&key); 50]).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(issuer.requests(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_of_requests_a_minute_holds_whatever_tokens_come() {
    let key = key();
    let issuer = Issuer::start(&[&key]).await;
    let clock = TestClock::new();
    let source = issuer.source();
    let source = source.with_requests_per_minute(NonZeroU32::MIN);
    let verifier = Verifier::new(expected(), source).with_clock(clock.clone());
    assert!(verifier.verify(&token(&key)).await.is_ok());

    clock.advance(59);
    let strangers: Vec<_> = (0..50).map(|_| token(&common::key())).collect();
    let answers = all(&verifier, strangers.clone()).await;
    let unknown = Err(Refusal::Token(Rejection::UnknownKey));
    assert!(answers.iter().all(|one| *one == unknown), "{answers:?}");
    assert_eq!(issuer.requests(), 1);

    clock.advance(1);
    all(&verifier, strangers).await;
    assert_eq!(issuer.requests(), 2);
}
