//! Keys that come with the program: as text, as a file, from the environment. No network, and no set that
//! could never verify anything.

mod common;

use countersign_verify::{JwkSetError, KeySetError, KeySource, Verifier};

use common::{TestClock, expected, key, key_set, token};

#[tokio::test]
async fn a_key_set_serves_as_text_and_as_a_file() {
    let key = key();
    let set = serde_json::to_string(&key_set(&[&key])).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    std::fs::write(&file, &set).unwrap();
    for source in [
        KeySource::from_json(&set).unwrap(),
        KeySource::from_file(&file).unwrap(),
    ] {
        let verifier = Verifier::new(expected(), source).with_clock(TestClock::new());
        assert!(verifier.verify(&token(&key)).await.is_ok());
        assert!(verifier.verify(&token(&common::key())).await.is_err());
    }
}

#[test]
fn what_holds_no_keys_is_refused_by_name_and_never_shown() {
    let secret = r#"{"keys":[{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA","alg":"HS256"}]}"#;
    let refused = KeySource::from_json(secret).unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("c2VjcmV0"));
    assert_eq!(
        KeySource::from_json(r#"{"keys":[]}"#).unwrap_err(),
        KeySetError::NoKeys
    );
    for rubbish in ["", "{}", "[]", "null", "-----BEGIN PUBLIC KEY-----"] {
        let refused = KeySource::from_json(rubbish).unwrap_err();
        assert_eq!(refused, KeySetError::Set(JwkSetError::Malformed));
    }
    let refused = KeySource::from_file("/nowhere/jwks.json").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the key set can't be read from the file /nowhere/jwks.json"
    );
    let refused = KeySource::from_environment("COUNTERSIGN_TEST_NO_SUCH_VARIABLE").unwrap_err();
    assert_eq!(refused.code(), "key_set_not_in_environment");
}

#[tokio::test]
async fn a_key_set_serves_from_the_environment() {
    // The test runs itself again with the variable: a process must not change its own environment.
    if std::env::args().any(|argument| argument == "--skip=nothing") {
        let source = KeySource::from_environment("COUNTERSIGN_TEST_JWKS").unwrap();
        let verifier = Verifier::new(expected(), source).with_clock(TestClock::new());
        #[expect(clippy::disallowed_methods, reason = "what the parent handed over")]
        let token = std::env::var("COUNTERSIGN_TEST_TOKEN").unwrap();
        assert!(verifier.verify(&token).await.is_ok());
        return;
    }
    let key = key();
    let answer = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["a_key_set_serves_from_the_environment", "--exact"])
        .arg("--skip=nothing")
        .env(
            "COUNTERSIGN_TEST_JWKS",
            serde_json::to_string(&key_set(&[&key])).unwrap(),
        )
        .env("COUNTERSIGN_TEST_TOKEN", token(&key))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&answer.stdout);
    assert!(said.contains("1 passed"), "{said}");
}
