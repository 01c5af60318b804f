//! Keys over the network: not at a cold start, not for each stranger's token, and with the trace of whoever waits.

use axum::routing::post;
use axum::{Form, Json, Router};
use countersign_token::{Algorithm, PrivateKey};
use countersign_verify::{Clock as _, SystemClock};
use serde_json::json;
use std::collections::HashMap;

use crate::gateway::{Issuer, TRACE, event, jwks, serve, token};
use crate::process::{Function, bare, command, write};

/// auth0/node-jwks-rsa#108: each cold start fetched the key set.
#[tokio::test]
async fn a_cold_start_with_bundled_keys_fetches_nothing() {
    let issuer = Issuer::start().await;
    let set = serde_json::to_string(&jwks(&issuer.key)).unwrap();
    for _ in 0..3 {
        let mut command = command(&set);
        command.env(
            "COUNTERSIGN_AUTHORIZER_JWKS_URL",
            format!("{}/jwks.json", issuer.url),
        );
        let function = Function::start(&mut command).await;
        assert!(
            function
                .api
                .invoke(event(&issuer.token("users:read")))
                .await
                .is_ok()
        );
    }
    assert_eq!(issuer.visits(), 0);
}

/// supabase/auth#2821, awslabs/aws-jwt-verify#72: a rotated key is found, and made-up ones don't cause fetches.
#[tokio::test]
async fn a_flood_of_unknown_keys_is_not_passed_on_to_the_issuer() {
    let issuer = Issuer::start().await;
    let old = PrivateKey::generate(Algorithm::Es256).unwrap();
    let mut command = command(&serde_json::to_string(&jwks(&old)).unwrap());
    command.env(
        "COUNTERSIGN_AUTHORIZER_JWKS_URL",
        format!("{}/jwks.json", issuer.url),
    );
    let function = Function::start(&mut command).await;
    assert!(
        function
            .api
            .invoke(event(&issuer.token("users:read")))
            .await
            .is_ok()
    );
    assert_eq!(issuer.visits(), 1);
    for _ in 0..50 {
        let stranger = PrivateKey::generate(Algorithm::Es256).unwrap();
        let error = function
            .api
            .invoke(event(&token(&stranger, "users:read")))
            .await
            .unwrap_err();
        assert_eq!(error["errorMessage"], "Unauthorized");
    }
    assert!(issuer.visits() <= 2, "{} fetches", issuer.visits());
}

#[tokio::test]
async fn a_fetch_carries_the_trace_of_the_invocation_that_waits_for_it() {
    let issuer = Issuer::start().await;
    let mut command = command("");
    command.env(
        "COUNTERSIGN_AUTHORIZER_JWKS_URL",
        format!("{}/jwks.json", issuer.url),
    );
    let function = Function::start(&mut command).await;
    assert!(
        function
            .api
            .invoke(event(&issuer.token("users:read")))
            .await
            .is_ok()
    );
    let visits = issuer.visits.lock().unwrap();
    assert_eq!(visits.len(), 1);
    assert_eq!(visits[0]["x-amzn-trace-id"], TRACE);
}

#[tokio::test]
async fn an_issuer_that_is_out_of_reach_fails_the_call_and_is_no_401() {
    // A port that nobody listens on: it was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut command = command("");
    command.env(
        "COUNTERSIGN_AUTHORIZER_JWKS_URL",
        format!("http://{free}/jwks.json"),
    );
    let mut function = Function::start(&mut command).await;
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let error = function
        .api
        .invoke(event(&token(&key, "users:read")))
        .await
        .unwrap_err();
    assert_eq!(error["errorType"], "keys_unavailable");
    assert_ne!(error["errorMessage"], "Unauthorized");
    // What the library warns of is told with the invocation that it happened in.
    let warning = function.line(|line| line["level"] == "WARN").await;
    assert!(warning["reason"].is_string(), "{warning}");
}

#[tokio::test]
async fn tokens_of_several_issuers_are_accepted_each_with_its_own_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = [(); 2]
        .map(|()| PrivateKey::generate(Algorithm::Es256).unwrap())
        .into();
    write(
        folder.path(),
        "ours.json",
        &serde_json::to_string(&jwks(&ours)).unwrap(),
    );
    write(
        folder.path(),
        "theirs.json",
        &serde_json::to_string(&jwks(&theirs)).unwrap(),
    );
    let config = write(
        folder.path(),
        "authorizer.toml",
        r#"
        [[issuers]]
        issuer = "https://id.example.com"
        audiences = ["https://api.example.com"]
        jwks_file = "ours.json"

        [[issuers]]
        issuer = "https://tenant.eu.auth0.com/"
        audiences = ["https://api.example.com"]
        profile = "auth0"
        algorithms = ["ES256"]
        jwks_file = "theirs.json"

        [routes]
        "GET /users/{id}" = { scopes = "users:read" }
        "#,
    );
    let function = Function::start(bare().args(["--config", &config])).await;
    assert!(
        function
            .api
            .invoke(event(&token(&ours, "users:read")))
            .await
            .is_ok()
    );
    // The other issuer's key under our name.
    let error = function
        .api
        .invoke(event(&token(&theirs, "users:read")))
        .await
        .unwrap_err();
    assert_eq!(error["errorMessage"], "Unauthorized");
}

#[tokio::test]
async fn an_opaque_token_is_asked_about_and_a_dead_one_is_a_401() {
    let asked = |Form(form): Form<HashMap<String, String>>| async move {
        let exp = SystemClock.unix_seconds() + 60;
        Json(if form["token"] == "alive" {
            json!({
                "active": true, "token_type": "Bearer", "iss": "https://id.example.com", "aud": "https://api.example.com",
                "sub": "user-2", "client_id": "web", "scope": "users:read", "exp": exp, "iat": exp - 120,
            })
        } else {
            json!({ "active": false })
        })
    };
    let address = serve(Router::new().route("/introspect", post(asked))).await;
    let folder = tempfile::tempdir().unwrap();
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    write(
        folder.path(),
        "jwks.json",
        &serde_json::to_string(&jwks(&key)).unwrap(),
    );
    let config = format!(
        r#"
        [[issuers]]
        issuer = "https://id.example.com"
        audiences = ["https://api.example.com"]
        jwks_file = "jwks.json"

        [introspection]
        endpoint = "http://{address}/introspect"
        issuer = "https://id.example.com"
        audience = "https://api.example.com"
        client_id = "guard"
        secret_environment = "SECRET"

        [routes]
        "GET /users/{{id}}" = "users:read"
        "#
    );
    let config = write(folder.path(), "authorizer.toml", &config);
    let mut command = bare();
    command
        .args(["--config", &config])
        .env("SECRET", "the client's secret");
    let function = Function::start(&mut command).await;
    let answer = function.api.invoke(event("alive")).await.unwrap();
    assert_eq!(answer["principalId"], "user-2");
    let error = function.api.invoke(event("dead")).await.unwrap_err();
    assert_eq!(error["errorMessage"], "Unauthorized");
    assert!(
        function
            .api
            .invoke(event(&token(&key, "users:read")))
            .await
            .is_ok()
    );
}
