use std::time::Duration;

use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn a_spent_token_that_comes_back_ends_the_session() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let body = json!({ "refresh_token": ada.refresh_token });
    let first = server
        .post("/v1/refresh")
        .json(&body)
        .send()
        .await
        .expect(200)
        .json();
    let retry = server
        .post("/v1/refresh")
        .json(&body)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(first["refresh_token"], retry["refresh_token"]);

    server.clock.advance(Duration::from_secs(11));
    let reuse = server
        .post("/v1/refresh")
        .json(&body)
        .send()
        .await
        .expect(401);
    assert_json_snapshot!(reuse.whole());
    let next = json!({ "refresh_token": first["refresh_token"] });
    server
        .post("/v1/refresh")
        .json(&next)
        .send()
        .await
        .expect(401);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused_alike() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    for token in [
        "",
        "csr_nonsense",
        &ada.access_token,
        &format!("{}x", ada.refresh_token),
    ] {
        let body = json!({ "refresh_token": token });
        let answer = server
            .post("/v1/refresh")
            .json(&body)
            .send()
            .await
            .expect(401);
        assert_eq!(answer.code(), "invalid_grant");
    }
}

#[tokio::test]
async fn an_expired_access_token_sent_along_does_not_stop_a_refresh() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    server.clock.advance(Duration::from_hours(1));
    let me = server
        .get("/v1/me")
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(401);
    assert_eq!(me.json()["reason"], "expired");
    let body = json!({ "refresh_token": ada.refresh_token });
    server
        .post("/v1/refresh")
        .bearer(&ada.access_token)
        .json(&body)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn a_refresh_can_narrow_and_aim_the_access_token() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let body = json!({ "refresh_token": ada.refresh_token, "audience": "https://no.example" });
    server
        .post("/v1/refresh")
        .json(&body)
        .send()
        .await
        .expect(422);
    // Nothing was spent.
    let body = json!({ "refresh_token": ada.refresh_token, "scope": "account:read" });
    let answer = server
        .post("/v1/refresh")
        .json(&body)
        .send()
        .await
        .expect(200);
    assert_eq!(answer.json()["scope"], "account:read");
}
