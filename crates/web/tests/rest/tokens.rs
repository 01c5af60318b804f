use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Person, Server};

async fn create(server: &Server, by: &Person, body: Value) -> Answer {
    server
        .post("/v1/tokens")
        .bearer(&by.access_token)
        .json(&body)
        .send()
        .await
}

#[tokio::test]
async fn a_personal_token_is_shown_once_and_works_until_it_is_revoked() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let body = json!({ "name": "nightly", "scope": "account:read", "expires_in": 3600 });
    let made = create(&server, &ada, body).await.expect(201);
    let (id, token) = (made.json()["id"].clone(), made.json()["token"].clone());
    let (id, token) = (id.as_str().unwrap(), token.as_str().unwrap());
    assert_eq!(made.header("location").unwrap(), format!("/v1/tokens/{id}"));
    assert_eq!(made.header("cache-control"), Some("no-store"));

    server.get("/v1/me").bearer(token).send().await.expect(200);
    let list = server
        .get("/v1/tokens")
        .bearer(token)
        .send()
        .await
        .expect(200);
    assert!(!String::from_utf8_lossy(&list.body).contains(token));
    assert_eq!(list.json()["tokens"][0]["name"], "nightly");
    // It reads and does not write, and no script makes itself another token.
    let write = server
        .request("PATCH", "/v1/me")
        .bearer(token)
        .json(&json!({}))
        .send()
        .await;
    assert_eq!(write.expect(403).code(), "insufficient_scope");
    let more = json!({ "name": "more", "scope": "account:read" });
    let more = server
        .post("/v1/tokens")
        .bearer(token)
        .json(&more)
        .send()
        .await
        .expect(403);
    assert_eq!(more.code(), "session_required");
    assert_eq!(
        server
            .post("/v1/logout")
            .bearer(token)
            .send()
            .await
            .expect(403)
            .code(),
        "session_required"
    );

    let revoke = |by: &str| {
        server
            .request("DELETE", &format!("/v1/tokens/{id}"))
            .bearer(by)
            .send()
    };
    let bob = server.sign_up("bob").await;
    revoke(&bob.access_token).await.expect(404);
    revoke(&ada.access_token).await.expect(204);
    revoke(&ada.access_token).await.expect(404);
    assert_eq!(
        server
            .get("/v1/me")
            .bearer(token)
            .send()
            .await
            .expect(401)
            .code(),
        "invalid_token"
    );
}

#[tokio::test]
async fn a_personal_token_dies_in_time() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let body = json!({ "name": "brief", "scope": "account:read", "expires_in": 60 });
    let made = create(&server, &ada, body).await.expect(201).json();
    server.clock.advance(Duration::from_secs(61));
    let answer = server
        .get("/v1/me")
        .bearer(made["token"].as_str().unwrap())
        .send()
        .await;
    assert_eq!(answer.expect(401).json()["reason"], "expired");
}

#[tokio::test]
async fn what_can_not_be_made_is_explained() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    for (body, code, pointer) in [
        (
            json!({ "name": "x", "scope": "users:read" }),
            "scopes_not_held",
            "/scope",
        ),
        (
            json!({ "name": "x", "scope": "" }),
            "invalid_input",
            "/scope",
        ),
        (json!({ "name": "x" }), "invalid_input", "/scope"),
        (
            json!({ "name": "x", "scope": "account:read", "expires_in": 0 }),
            "invalid_input",
            "/expires_in",
        ),
        (
            json!({ "name": "x", "scope": "account:read", "expires_in": 1e9 }),
            "invalid_input",
            "/expires_in",
        ),
        (
            json!({ "name": "x", "scope": "account:read", "expires_in": 999_999_999 }),
            "invalid_input",
            "/expires_in",
        ),
        (
            json!({ "name": "", "scope": "account:read" }),
            "invalid_input",
            "/name",
        ),
    ] {
        let answer = create(&server, &ada, body).await.expect(422);
        assert_eq!(
            (
                answer.code().as_str(),
                &answer.json()["errors"][0]["pointer"]
            ),
            (code, &json!(pointer))
        );
    }
    for _ in 0..3 {
        create(
            &server,
            &ada,
            json!({ "name": "x", "scope": "account:read" }),
        )
        .await
        .expect(201);
    }
    let fourth = create(
        &server,
        &ada,
        json!({ "name": "x", "scope": "account:read" }),
    )
    .await;
    assert_eq!(fourth.expect(409).code(), "too_many_tokens");
}
