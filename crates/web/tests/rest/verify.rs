use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::{Server, assert_is_id};

#[tokio::test]
async fn a_good_token_is_told_apart_and_nothing_is_said_of_others() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let verify = |token: &str| {
        server
            .post("/v1/verify")
            .json(&json!({ "token": token }))
            .send()
    };
    let good = verify(&ada.access_token).await.expect(200);
    assert_is_id(good.json()["sub"].as_str().unwrap());
    assert_json_snapshot!(good.whole(), { ".body.sub" => "[id]", ".body.sid" => "[id]" });

    server
        .post("/v1/logout")
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(204);
    let ended = verify(&ada.access_token).await.expect(200);
    assert_eq!(ended.json(), json!({ "active": false }));
    for token in ["", "nonsense", &ada.refresh_token, "a.b.c"] {
        assert_eq!(verify(token).await.expect(200).whole(), ended.whole());
    }
}
