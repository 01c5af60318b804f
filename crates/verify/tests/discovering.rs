//! The key set found through the issuer's metadata (OpenID Connect Discovery 1.0 §4.3, RFC 8414 §3.3), and
//! what is refused there.

#![expect(clippy::unwrap_used, reason = "a test that can't set up has failed")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use countersign_token::{AccessTokenClaims, Algorithm, Expected, PrivateKey};
use countersign_verify::{Issuer, JwksSource, Refusal, SourceError, Verifier};

use common::{TestClock, claims, key, key_set, token_of};

/// An issuer with metadata; `{base}` in it stands for its address.
struct Provider {
    base: String,
    metadata: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

const GOOD: &str = r#"{"issuer":"{base}","jwks_uri":"{base}/keys"}"#;

impl Provider {
    async fn start(path: &'static str, key: &PrivateKey) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let metadata = Arc::new(Mutex::new(GOOD.to_owned()));
        let asked = Arc::new(AtomicUsize::new(0));
        let keys = serde_json::to_string(&key_set(&[key])).unwrap();
        let (current, counter, own) = (Arc::clone(&metadata), Arc::clone(&asked), base.clone());
        let document = move || async move {
            counter.fetch_add(1, Ordering::SeqCst);
            current.lock().unwrap().replace("{base}", &own)
        };
        let moved = keys.clone();
        let app = Router::new()
            .route(path, get(document))
            .route("/keys", get(|| async { keys }))
            .route("/moved", get(|| async { moved }));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            base,
            metadata,
            asked,
        }
    }

    fn says(&self, metadata: &str) {
        metadata.clone_into(&mut self.metadata.lock().unwrap());
    }

    fn issuer(&self) -> Issuer {
        self.base.parse().unwrap()
    }

    fn expected(&self) -> Expected {
        let audience = "https://api.example.com".parse().unwrap();
        Expected::new(self.issuer(), audience, Algorithm::Es256)
    }

    fn token(&self, key: &PrivateKey) -> String {
        let iss = self.issuer();
        token_of(key, &AccessTokenClaims { iss, ..claims() })
    }
}

#[tokio::test]
async fn the_metadata_names_the_key_set_and_is_read_once() {
    let key = key();
    for (path, oauth) in [
        ("/.well-known/openid-configuration", false),
        ("/.well-known/oauth-authorization-server", true),
    ] {
        let provider = Provider::start(path, &key).await;
        let source = if oauth {
            JwksSource::discover_oauth(&provider.issuer())
        } else {
            JwksSource::discover(&provider.issuer())
        };
        let clock = TestClock::new();
        let verifier = Verifier::new(provider.expected(), source.unwrap());
        let verifier = verifier.with_clock(clock.clone());
        for _ in 0..3 {
            assert!(verifier.verify(&provider.token(&key)).await.is_ok());
            clock.advance(3_600);
        }
        assert_eq!(provider.asked.load(Ordering::SeqCst), 1);
        // A day later the issuer may have moved.
        clock.advance(24 * 3_600);
        assert!(verifier.verify(&provider.token(&key)).await.is_ok());
        assert_eq!(provider.asked.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_or_with_a_bad_address_brings_no_keys() {
    let key = key();
    let provider = Provider::start("/.well-known/openid-configuration", &key).await;
    for metadata in [
        r#"{"issuer":"{base}/","jwks_uri":"{base}/keys"}"#,
        r#"{"issuer":"https://id.example.com","jwks_uri":"{base}/keys"}"#,
        r#"{"jwks_uri":"{base}/keys"}"#,
        r#"{"issuer":"{base}"}"#,
        r#"{"issuer":"{base}","jwks_uri":"/keys"}"#,
        r#"{"issuer":"{base}","jwks_uri":"http://id.example.com/keys"}"#,
        r#"{"issuer":"{base}","jwks_uri":"file:///etc/passwd"}"#,
        r#"{"issuer":"{base}","issuer":"{base}","jwks_uri":"{base}/keys"}"#,
        "[]",
    ] {
        provider.says(metadata);
        let source = JwksSource::discover(&provider.issuer()).unwrap();
        let verifier = Verifier::new(provider.expected(), source).with_clock(TestClock::new());
        let answer = verifier.verify(&provider.token(&key)).await.map(drop);
        assert_eq!(answer, Err(Refusal::KeysUnavailable), "{metadata}");
    }
}

#[tokio::test]
async fn an_address_that_fails_is_looked_up_again() {
    let key = key();
    let provider = Provider::start("/.well-known/openid-configuration", &key).await;
    provider.says(r#"{"issuer":"{base}","jwks_uri":"{base}/not-there-yet"}"#);
    let source = JwksSource::discover(&provider.issuer()).unwrap();
    let clock = TestClock::new();
    let verifier = Verifier::new(provider.expected(), source).with_clock(clock.clone());
    assert!(verifier.verify(&provider.token(&key)).await.is_err());

    provider.says(r#"{"issuer":"{base}","jwks_uri":"{base}/moved"}"#);
    clock.advance(1);
    assert!(verifier.verify(&provider.token(&key)).await.is_ok());
}

#[test]
fn an_issuer_without_https_elsewhere_is_not_asked() {
    for (issuer, error) in [
        ("http://id.example.com", SourceError::NotHttps),
        ("id.example.com", SourceError::InvalidUrl),
        ("accounts", SourceError::InvalidUrl),
    ] {
        let issuer = issuer.parse().unwrap();
        assert_eq!(JwksSource::discover(&issuer).unwrap_err(), error);
        assert_eq!(JwksSource::discover_oauth(&issuer).unwrap_err(), error);
    }
}
