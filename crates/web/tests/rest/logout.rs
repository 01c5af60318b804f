use std::time::Duration;

use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn a_refresh_token_ends_its_session_whatever_the_access_token_is() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    server.clock.advance(Duration::from_hours(1));
    let body = json!({ "refresh_token": ada.refresh_token });
    server
        .post("/v1/logout")
        .bearer("stale")
        .json(&body)
        .send()
        .await
        .expect(204);
    server
        .post("/v1/refresh")
        .json(&body)
        .send()
        .await
        .expect(401);
    // RFC 7009 §2.2: one that is not good is answered alike.
    for token in [ada.refresh_token.as_str(), "csr_nonsense"] {
        let body = json!({ "refresh_token": token });
        server
            .post("/v1/logout")
            .json(&body)
            .send()
            .await
            .expect(204);
    }
}

#[tokio::test]
async fn without_a_refresh_token_it_takes_a_good_access_token_and_no_scope() {
    let server = Server::start().await;
    assert_eq!(
        server.post("/v1/logout").send().await.expect(401).code(),
        "unauthenticated"
    );
    let stale = server
        .post("/v1/logout")
        .bearer("stale")
        .send()
        .await
        .expect(401);
    assert_eq!(stale.code(), "invalid_token");
    server
        .post("/v1/logout")
        .json(&json!({}))
        .send()
        .await
        .expect(401);
    server.sign_up("ada").await;
    let body = json!({ "identifier": "ada", "password": crate::support::PASSWORD, "scope": "none:at_all" });
    let ada = server.log_in_with(body).await;
    server
        .post("/v1/logout")
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(204);
}
