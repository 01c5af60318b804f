use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Server};

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// The tutorials' tokens lived a year, carried the user, and could not be revoked.
#[tokio::test]
async fn an_access_token_is_short_and_says_no_name_and_no_address() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let claims = part(&ada.access_token, 1);
    let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(life, 600);
    assert_eq!(part(&ada.access_token, 0)["typ"], "at+jwt");
    let text = claims.to_string();
    assert!(
        !text.contains("ada") && !text.contains("example.com\"@"),
        "{text}"
    );
}

/// Algorithm confusion and `none` (CVE-2026-11800, CVE-2026-22818).
#[tokio::test]
async fn a_token_that_was_tampered_with_is_refused_and_never_anonymous() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let [header, payload, signature] = ada.access_token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let none = URL_SAFE_NO_PAD.encode(br#"{"typ":"at+jwt","alg":"none"}"#);
    let root = URL_SAFE_NO_PAD.encode(br#"{"sub":"root","scope":"users:read"}"#);
    for token in [
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{header}.{root}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}."),
        ada.refresh_token.clone(),
        "x".repeat(20_000),
    ] {
        let answer = server.get("/v1/me").bearer(&token).send().await.expect(401);
        assert_eq!(answer.code(), "invalid_token");
        assert!(!String::from_utf8_lossy(&answer.body).contains(&token));
    }
}

/// Operator injection into a document database, and the prototype chain.
#[tokio::test]
async fn operators_and_prototypes_are_values_of_the_wrong_type_or_names_nobody_has() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    for body in [
        json!({ "identifier": { "$gt": "" }, "password": { "$gt": "" } }),
        json!({ "identifier": ["root"], "password": PASSWORD }),
        json!({ "identifier": "root", "password": PASSWORD, "__proto__": { "roles": ["admin"] } }),
        json!({ "identifier": "root", "password": null }),
    ] {
        server
            .post("/v1/login")
            .json(&body)
            .send()
            .await
            .expect(422);
    }
    let path = format!("/v1/users/{}/authority", root.id);
    for name in ["__proto__", "constructor"] {
        let body = json!({ "grant_roles": [name] });
        let answer = server
            .request("PATCH", &path)
            .bearer(&root.access_token)
            .json(&body)
            .send();
        answer.await.expect(422);
    }
}

/// A caller acts for another user by an id in the body (CVE-2025-61928).
#[tokio::test]
async fn whose_account_it_is_comes_from_the_token_alone() {
    let server = Server::start().await;
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let body =
        json!({ "id": bob.id, "user_id": bob.id, "display_name": "Owned", "roles": ["admin"] });
    server
        .request("PATCH", "/v1/me")
        .bearer(&ada.access_token)
        .json(&body)
        .send()
        .await
        .expect(422);
    for (method, path) in [
        ("GET", format!("/v1/users/{}", bob.id)),
        ("DELETE", format!("/v1/users/{}", bob.id)),
        ("GET", format!("/v1/users/{}/sessions", bob.id)),
        ("GET", "/v1/users".to_owned()),
    ] {
        let answer = server
            .request(method, &path)
            .bearer(&ada.access_token)
            .send()
            .await;
        assert_eq!(answer.expect(403).code(), "insufficient_scope");
    }
}

#[tokio::test]
async fn a_small_administrator_does_not_reach_a_great_one() {
    let server = Server::start().await;
    let (root, clerk) = (
        server.sign_up_admin("root").await,
        server.sign_up("clerk").await,
    );
    let path = format!("/v1/users/{}/authority", clerk.id);
    let some = json!({ "grant_scope": "users:write" });
    server
        .request("PATCH", &path)
        .bearer(&root.access_token)
        .json(&some)
        .send()
        .await
        .expect(200);
    let clerk = server.log_in("clerk").await;
    let user = format!("/v1/users/{}", root.id);
    for (method, path, body) in [
        ("DELETE", user.clone(), json!({})),
        ("DELETE", format!("{user}/sessions"), json!({})),
        (
            "PUT",
            format!("{user}/state"),
            json!({ "state": "disabled" }),
        ),
        (
            "PUT",
            format!("{user}/password"),
            json!({ "password": "taken over by the clerk" }),
        ),
    ] {
        let answer = server
            .request(method, &path)
            .bearer(&clerk.access_token)
            .json(&body)
            .send();
        assert_eq!(
            answer.await.expect(403).code(),
            "not_yours",
            "{method} {path}"
        );
    }
}
