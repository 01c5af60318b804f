//! The cache of verified tokens and the revocation hook: what is remembered never outlives what it was
//! true under. Every test runs with the cache, and says what a verifier without one says.

#![expect(clippy::unwrap_used, reason = "a test that can't set up has failed")]

mod common;

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use countersign_token::{AccessTokenClaims, PrivateKey};
use countersign_verify::{
    Algorithm, Challenge, Expected, Issuer, KeySource, Keys, Principal, Refusal, Rejection,
    Revocation, Standing, StandingUnknown, Verifier,
};

use common::{NOW, TestClock, claims, expected, key, token, token_of};

fn verifier(key: &PrivateKey, clock: &TestClock) -> Verifier {
    verifier_of(expected(), key, clock)
}

fn verifier_of(expected: Expected, key: &PrivateKey, clock: &TestClock) -> Verifier {
    Verifier::new(expected, Keys::from_private_key(key).unwrap())
        .with_cache(100)
        .with_clock(clock.clone())
}

/// Tokens and sessions that are revoked, and how often anybody asked.
#[derive(Clone, Default)]
struct Known {
    revoked: Arc<Mutex<HashSet<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Known {
    fn revoke(&self, id: &str) {
        self.revoked.lock().unwrap().insert(id.to_owned());
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Revocation for Known {
    async fn standing(&self, caller: &Principal) -> Result<Standing, StandingUnknown> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let revoked = self.revoked.lock().map_err(|_| StandingUnknown)?;
        if revoked.contains("everything is down") {
            return Err(StandingUnknown);
        }
        let session = caller.session_id().unwrap_or_default();
        if revoked.contains(caller.token_id()) || revoked.contains(session) {
            return Ok(Standing::Revoked);
        }
        Ok(Standing::Good)
    }
}

fn short() -> AccessTokenClaims {
    AccessTokenClaims {
        exp: NOW + 600,
        ..claims()
    }
}

#[tokio::test]
async fn a_remembered_token_is_refused_from_the_second_at_which_verifying_refuses_it() {
    let (key, clock) = (key(), TestClock::new());
    let cached = verifier(&key, &clock);
    let plain = Verifier::new(expected(), Keys::from_private_key(&key).unwrap());
    let plain = plain.with_clock(clock.clone());
    let token = token_of(&key, &short());
    // The leeway of 30 seconds counts in both.
    for (pass, answer) in [(0, true), (629, true), (1, false), (1, false)] {
        clock.advance(pass);
        assert_eq!(cached.verify(&token).await.is_ok(), answer);
        assert_eq!(plain.verify(&token).await, cached.verify(&token).await);
    }
    assert_eq!(cached.verify(&token).await, Err(Rejection::Expired.into()));
}

#[tokio::test]
async fn a_maximal_age_ends_a_remembered_token_too() {
    let (key, clock) = (key(), TestClock::new());
    let cached = verifier_of(expected().with_max_age_seconds(60), &key, &clock);
    let token = token(&key);
    assert!(cached.verify(&token).await.is_ok());
    clock.advance(89);
    assert!(cached.verify(&token).await.is_ok());
    clock.advance(1);
    assert_eq!(cached.verify(&token).await, Err(Rejection::Expired.into()));
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_a_remembered_token_be_verified_again() {
    let (key, clock) = (key(), TestClock::new());
    let cached = verifier(&key, &clock);
    let token = token(&key);
    assert!(cached.verify(&token).await.is_ok());
    clock.advance(-31);
    let refusal = Rejection::IssuedInFuture.into();
    assert_eq!(cached.verify(&token).await, Err(refusal));
}

// CVE-2026-33496, CVE-2026-33729: a cache that gives one caller the answer of another.
#[tokio::test]
async fn no_two_callers_are_mixed_and_no_changed_token_is_found() {
    let (key, clock) = (key(), TestClock::new());
    let cached = verifier(&key, &clock);
    let mut tokens = Vec::new();
    for user in 0..300 {
        let claims = AccessTokenClaims {
            sub: format!("user-{user}"),
            ..claims()
        };
        tokens.push((claims.sub.clone(), token_of(&key, &claims)));
    }
    for _ in 0..2 {
        for (user, token) in &tokens {
            assert_eq!(cached.verify(token).await.unwrap().subject(), user);
        }
    }
    let (_, token) = &tokens[299];
    let (message, signature) = token.rsplit_once('.').unwrap();
    for bent in [
        format!("{message}."),
        format!("{message}.{}", "A".repeat(signature.len())),
        format!("{token}A"),
        format!(" {token}"),
        token.to_ascii_lowercase(),
    ] {
        assert!(cached.verify(&bent).await.is_err(), "{bent}");
    }
}

#[tokio::test]
async fn a_token_that_does_not_verify_is_never_remembered() {
    let (good, bad, clock) = (key(), key(), TestClock::new());
    let cached = verifier(&good, &clock);
    let token = token(&bad);
    for _ in 0..3 {
        assert_eq!(
            cached.verify(&token).await,
            Err(Rejection::UnknownKey.into())
        );
    }
    let long = "a".repeat(1_000_000);
    assert_eq!(cached.verify(&long).await, Err(Rejection::TooLarge.into()));
}

#[tokio::test]
async fn two_issuers_share_a_cache_and_nothing_in_it() {
    let (ours, others, clock) = (key(), key(), TestClock::new());
    let keys = |key: &PrivateKey| Keys::from_private_key(key).unwrap();
    let other: Issuer = "https://other.example.com".parse().unwrap();
    let audience = "https://api.example.com".parse().unwrap();
    let second = Expected::new(other.clone(), audience, Algorithm::Es256);
    let cached = Verifier::new(expected(), keys(&ours))
        .or(Verifier::new(second, keys(&others)))
        .unwrap()
        .with_cache(10)
        .with_clock(clock);
    let of_other = token_of(
        &others,
        &AccessTokenClaims {
            iss: other,
            ..claims()
        },
    );
    for _ in 0..2 {
        let caller = cached.verify(&of_other).await.unwrap();
        assert_eq!(caller.issuer().as_str(), "https://other.example.com");
        let caller = cached.verify(&token(&ours)).await.unwrap();
        assert_eq!(caller.issuer().as_str(), "https://id.example.com");
    }
}

#[tokio::test]
async fn revocation_is_asked_each_time_and_counts_at_once() {
    let (key, clock, known) = (key(), TestClock::new(), Known::default());
    let cached = verifier(&key, &clock).with_revocation(known.clone());
    let token = token(&key);
    for times in 1..4 {
        assert!(cached.verify(&token).await.is_ok());
        assert_eq!(known.asked(), times);
    }
    known.revoke("token-1");
    assert_eq!(cached.verify(&token).await, Err(Refusal::Revoked));
    // Another token of the same session, and then the session.
    let other = AccessTokenClaims {
        jti: "token-2".into(),
        ..claims()
    };
    let other = token_of(&key, &other);
    assert!(cached.verify(&other).await.is_ok());
    known.revoke("session-1");
    assert_eq!(cached.verify(&other).await, Err(Refusal::Revoked));
    let challenge = Challenge::from(Refusal::Revoked);
    assert_eq!(challenge.status(), 401);
}

#[tokio::test]
async fn a_revocation_that_can_not_tell_lets_nobody_in() {
    let (key, clock, known) = (key(), TestClock::new(), Known::default());
    let cached = verifier(&key, &clock).with_revocation(known.clone());
    let token = token(&key);
    assert!(cached.verify(&token).await.is_ok());
    known.revoke("everything is down");
    let refusal = cached.verify(&token).await.unwrap_err();
    assert_eq!(refusal, Refusal::StandingUnknown);
    assert!(refusal.is_temporary());
    let challenge = Challenge::from(refusal);
    assert_eq!(
        (challenge.status().as_u16(), challenge.www_authenticate()),
        (503, None)
    );
}

#[tokio::test]
async fn revocation_is_not_asked_about_a_token_that_does_not_verify() {
    let (good, bad, known) = (key(), key(), Known::default());
    let cached = verifier(&good, &TestClock::new()).with_revocation(known.clone());
    assert!(cached.verify(&token(&bad)).await.is_err());
    assert!(cached.verify("a.b.c").await.is_err());
    assert_eq!(known.asked(), 0);
}

#[tokio::test]
async fn joining_verifiers_loses_no_revocation() {
    let (ours, others, clock) = (key(), key(), TestClock::new());
    let keys = |key: &PrivateKey| Keys::from_private_key(key).unwrap();
    let other: Issuer = "https://other.example.com".parse().unwrap();
    let audience = "https://api.example.com".parse().unwrap();
    let second = Expected::new(other.clone(), audience, Algorithm::Es256);
    let (one, two) = (Known::default(), Known::default());
    let joined = Verifier::new(expected(), keys(&ours))
        .with_revocation(one.clone())
        .or(Verifier::new(second, keys(&others)).with_revocation(two.clone()))
        .unwrap()
        .with_clock(clock);
    let of_ours = token(&ours);
    let of_other = token_of(
        &others,
        &AccessTokenClaims {
            iss: other,
            ..claims()
        },
    );
    assert!(joined.verify(&of_ours).await.is_ok() && joined.verify(&of_other).await.is_ok());
    two.revoke("token-1");
    assert_eq!(joined.verify(&of_other).await, Err(Refusal::Revoked));
    assert_eq!(joined.verify(&of_ours).await, Err(Refusal::Revoked));
}

/// Two verifiers made from one must not find each other's tokens, though they share keys and all.
#[tokio::test]
async fn verifiers_that_trust_different_issuers_share_no_memory() {
    let (ours, shared, clock) = (key(), key(), TestClock::new());
    let keys: KeySource = Keys::from_private_key(&shared).unwrap().into();
    let joined_for = |audience: &str| {
        let other = "https://other.example.com".parse().unwrap();
        let expected = Expected::new(other, audience.parse().unwrap(), Algorithm::Es256);
        Verifier::new(expected, keys.clone())
    };
    let base = verifier(&ours, &clock);
    let first = base
        .clone()
        .or(joined_for("https://first.example.com"))
        .unwrap();
    let second = base.or(joined_for("https://second.example.com")).unwrap();
    let token = token_of(
        &shared,
        &AccessTokenClaims {
            iss: "https://other.example.com".parse().unwrap(),
            aud: vec!["https://first.example.com".parse().unwrap()],
            ..claims()
        },
    );
    assert!(first.verify(&token).await.is_ok());
    let verdict = second.verify(&token).await;
    assert_eq!(verdict, Err(Rejection::WrongAudience.into()));
}

/// What fetching changes.
#[cfg(feature = "fetch")]
mod with_fetched_keys {
    use axum::http::StatusCode;

    use super::*;
    use crate::common::issuer::Issuer;

    #[tokio::test]
    async fn a_remembered_token_goes_with_its_key() {
        let (old, new) = (key(), key());
        let issuer = Issuer::start(&[&old]).await;
        let clock = TestClock::new();
        let cached = issuer.verifier(&clock).with_cache(100);
        let token = token(&old);
        assert!(cached.verify(&token).await.is_ok());
        // The issuer takes the key back, and publishes for five minutes at a time.
        issuer.publish(&[&new]);
        clock.advance(299);
        assert!(cached.verify(&token).await.is_ok());
        clock.advance(1);
        assert_eq!(
            cached.verify(&token).await,
            Err(Rejection::UnknownKey.into())
        );
    }

    #[tokio::test]
    async fn a_remembered_token_survives_a_rotation_that_leaves_its_key() {
        let (old, new) = (key(), key());
        let issuer = Issuer::start(&[&old]).await;
        let clock = TestClock::new();
        let cached = issuer.verifier(&clock).with_cache(100);
        let (before, after) = (token(&old), token(&new));
        assert!(cached.verify(&before).await.is_ok());
        issuer.publish(&[&old, &new]);
        clock.advance(300);
        for token in [&before, &after, &before, &after] {
            assert!(cached.verify(token).await.is_ok());
        }
        assert_eq!(issuer.requests(), 2);
    }

    #[tokio::test]
    async fn a_remembered_token_is_no_better_off_than_others_while_the_issuer_is_away() {
        let key = key();
        let issuer = Issuer::start(&[&key]).await;
        let clock = TestClock::new();
        let cached = issuer.verifier(&clock).with_cache(100);
        let token = token(&key);
        assert!(cached.verify(&token).await.is_ok());
        issuer.status(StatusCode::INTERNAL_SERVER_ERROR);
        // Known keys serve for a day beyond their five minutes, and no longer.
        clock.advance(24 * 3_600 + 299);
        assert!(cached.verify(&token).await.is_ok());
        clock.advance(1);
        assert_eq!(cached.verify(&token).await, Err(Refusal::KeysUnavailable));
    }
}
