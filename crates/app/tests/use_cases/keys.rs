//! Signing keys over their lives, seen from tokens.

use std::time::Duration;

use crate::support;
use crate::support::{Instance, access};
use countersign_app::authenticate::CallerProof;
use countersign_app::verify_token::TokenCheck;
use countersign_domain::audit::Actor;
use countersign_domain::keys::{KeyPurpose, KeyStage};
use countersign_domain::opaque::expose;

const DAY: Duration = Duration::from_hours(24);

fn kid(token: &str) -> String {
    countersign_token::UnverifiedToken::parse(token)
        .unwrap()
        .kid()
        .unwrap()
        .to_string()
}

fn published(instance: &Instance) -> usize {
    instance.app.keys().jwks(instance.app.now()).unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_makes_a_key_for_each_algorithm_in_use_and_a_second_start_none() {
    let instance = Instance::new().await;
    assert_eq!(
        published(&instance),
        2,
        "ES256 for its own audience, EdDSA for the other"
    );
    assert!(instance.app.keep_keys().await.unwrap().is_empty());
    assert_eq!(
        instance.app.keys().records().len(),
        3,
        "and one for refresh tokens"
    );
}

// supabase/auth#2821: a rotation that refuses valid tokens.
#[tokio::test(flavor = "multi_thread")]
async fn through_a_whole_rotation_no_valid_token_is_refused() {
    let instance = Instance::new().await;
    let (_, before) = instance.sign_up("jill").await;
    let old = kid(expose(&before.access_token));
    instance.clock.advance(89 * DAY);
    instance.app.keep_keys().await.unwrap();
    assert_eq!(
        published(&instance),
        4,
        "the successors are published before their use"
    );

    let (_, meanwhile) = instance.sign_up("jack").await;
    assert_eq!(
        kid(access(&meanwhile)),
        old,
        "and not used before their time"
    );

    instance
        .clock
        .advance(DAY.checked_sub(Duration::from_mins(1)).unwrap());
    let (_, last) = instance.sign_up("june").await;
    assert_eq!(kid(access(&last)), old);
    instance.clock.advance(Duration::from_mins(1));
    let (_, first) = instance.sign_up("joan").await;
    assert_ne!(
        kid(access(&first)),
        old,
        "the successor begins on its moment"
    );
    instance.app.keep_keys().await.unwrap();

    assert!(
        instance.is_good(access(&last)).await,
        "the last token of the old key is good"
    );
    instance.clock.advance(Duration::from_secs(530));
    assert!(instance.is_good(access(&last)).await, "to its end");
    instance.clock.advance(Duration::from_secs(200));
    instance.app.keep_keys().await.unwrap();
    assert_eq!(published(&instance), 2, "then the old key goes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_by_command_publishes_first_and_one_at_once_does_not_wait() {
    let instance = Instance::new().await;
    let (_, before) = instance.sign_up("jill").await;
    instance
        .app
        .rotate_keys(Actor::CommandLine, None, false)
        .await
        .unwrap();
    let (_, after) = instance.sign_up("jack").await;
    assert_eq!(kid(access(&before)), kid(access(&after)));
    instance.clock.advance(Duration::from_secs(1));
    instance
        .app
        .rotate_keys(Actor::CommandLine, None, true)
        .await
        .unwrap();
    let (_, after) = instance.sign_up("june").await;
    assert_ne!(kid(access(&before)), kid(access(&after)));
    assert!(
        instance.is_good(access(&before)).await,
        "what the old key signed stays good"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_retired_takes_its_tokens_along_at_once() {
    let instance = Instance::new().await;
    let (_, tokens) = instance.sign_up("jill").await;
    assert!(instance.is_good(access(&tokens)).await);
    let id = kid(access(&tokens)).parse().unwrap();
    instance
        .app
        .retire_key(Actor::CommandLine, &id)
        .await
        .unwrap()
        .expect("there is one");
    assert!(
        !instance.is_good(access(&tokens)).await,
        "also one that was checked before"
    );
    let (_, after) = instance.sign_up("jack").await;
    assert!(
        instance.is_good(access(&after)).await,
        "and a new key is there"
    );
    let unknown = "no-such-key".parse().unwrap();
    assert!(
        instance
            .app
            .retire_key(Actor::CommandLine, &unknown)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_start_at_once_make_one_key_for_each_purpose() {
    let instance = Instance::new().await;
    instance.clock.advance(89 * DAY);
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let app = instance.app.clone();
            tokio::spawn(async move { app.keep_keys().await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let now = instance.app.now();
    let upcoming = instance
        .app
        .keys()
        .records()
        .into_iter()
        .filter(|key| matches!(key.purpose, KeyPurpose::Sign(_)))
        .filter(|key| key.stage(now) == KeyStage::Upcoming);
    assert_eq!(upcoming.count(), 2);
}

// Whoever knows the secret that one API checks with could make tokens for every API.
#[tokio::test(flavor = "multi_thread")]
async fn the_shared_secret_of_one_api_makes_no_tokens_for_another() {
    let secret = countersign_token::PrivateKey::hs256(&[7; 32]).unwrap();
    let instance = Instance::with(|settings| {
        settings
            .other_audiences
            .push(countersign_app::AudienceSettings {
                name: "https://billing.example.com".parse().unwrap(),
                algorithm: countersign_token::Algorithm::Hs256,
                shared_secret: Some(secret.clone()),
            });
    })
    .await;
    let (_, tokens) = instance.sign_up("jill").await;
    let caller = instance.caller(access(&tokens)).await;
    let CallerProof::Session { token, .. } = caller.proof else {
        panic!("a session")
    };
    let signer = countersign_token::Signer::new(secret).unwrap();
    for (audience, is_active) in [
        ("https://id.example.com", false),
        ("https://api.example.com", false),
        ("https://billing.example.com", true),
    ] {
        let mut claims = token.claims().clone();
        claims.aud = vec![audience.parse().unwrap()];
        let made = signer.sign(&claims).unwrap();
        assert!(
            !instance.is_good(&made).await,
            "{audience}: nothing here is opened by it"
        );
        let check = instance
            .app
            .verify_token(&made, &support::origin())
            .await
            .unwrap();
        assert_eq!(
            matches!(check, TokenCheck::Active(_)),
            is_active,
            "{audience}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_another_process_retired_takes_its_tokens_along_at_the_next_reload() {
    let instance = Instance::new().await;
    let other = instance.beside().await;
    let (_, tokens) = instance.sign_up("jill").await;
    assert!(
        instance.is_good(access(&tokens)).await,
        "and it is remembered"
    );
    let id = kid(access(&tokens)).parse().unwrap();
    other
        .app
        .retire_key(Actor::CommandLine, &id)
        .await
        .unwrap()
        .expect("there is one");
    instance
        .app
        .keys()
        .reload(instance.app.now())
        .await
        .unwrap();
    assert!(!instance.is_good(access(&tokens)).await);
}

// Instances behind a round-robin: a token may come to the one that has not seen its key yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_made_by_one_instance_is_taken_by_another_before_any_token_is_refused() {
    let instance = Instance::new().await;
    let other = instance.beside().await;
    let (account, before) = instance.sign_up("jill").await;
    for round in 0..3 {
        instance.clock.advance(Duration::from_secs(1));
        let rotated = instance.app.rotate_keys(Actor::CommandLine, None, true);
        rotated.await.unwrap();
        let (_, after) = instance.sign_up(&format!("jack{round}")).await;
        assert_ne!(kid(access(&before)), kid(access(&after)));
        let asking = (0..20).map(|_| other.is_good(access(&after)));
        assert!(
            futures::future::join_all(asking)
                .await
                .into_iter()
                .all(|good| good)
        );
        assert!(other.is_good(access(&before)).await);
    }

    // The key that marks refresh tokens, too.
    let marks = |key: &countersign_domain::keys::KeyRecord| key.purpose == KeyPurpose::MarkRefresh;
    let id = instance
        .app
        .keys()
        .records()
        .into_iter()
        .find(marks)
        .unwrap()
        .id;
    let retired = instance.app.retire_key(Actor::CommandLine, &id).await;
    assert!(retired.unwrap().is_some());
    let countersign_app::log_in::LoggedIn::LoggedIn { tokens, .. } =
        instance.log_in("jill", support::PASSWORD).await
    else {
        panic!("{account:?} is not let in");
    };
    let refresh = countersign_app::refresh::Refresh {
        refresh_token: expose(&tokens.refresh_token).to_owned(),
        scopes: None,
        audience: None,
    };
    let refreshed = other
        .app
        .refresh(refresh, &support::origin())
        .await
        .unwrap();
    assert!(
        matches!(
            refreshed,
            countersign_app::refresh::Refreshed::Refreshed { .. }
        ),
        "{refreshed:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_set_is_given_out_with_a_key_that_another_instance_made() {
    let instance = Instance::new().await;
    let other = instance.beside().await;
    let now = instance.app.now();
    assert_eq!(other.app.keys().published(now).await.unwrap().len(), 2);
    let rotated = instance.app.rotate_keys(Actor::CommandLine, None, false);
    rotated.await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(other.app.keys().published(now).await.unwrap().len(), 4);
}
