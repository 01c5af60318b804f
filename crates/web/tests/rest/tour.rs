use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn a_stranger_signs_up_reads_refreshes_and_logs_out() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;

    let me = server
        .get("/v1/me")
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(200);
    assert_eq!(me.json()["id"], ada.id.as_str());

    let body = json!({ "refresh_token": ada.refresh_token });
    let next = server
        .post("/v1/refresh")
        .json(&body)
        .send()
        .await
        .expect(200)
        .json();
    let access_token = next["access_token"].as_str().unwrap();
    assert_ne!(next["refresh_token"], ada.refresh_token.as_str());

    let laptop = server.log_in("ADA@Example.com").await;
    let list = server
        .get("/v1/sessions")
        .bearer(access_token)
        .send()
        .await
        .expect(200)
        .json();
    let sessions = list["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0]["id"], laptop.session_id.as_str());
    assert_eq!(sessions[0]["current"], false);
    assert_eq!(sessions[1]["current"], true);

    server
        .post("/v1/logout")
        .bearer(access_token)
        .send()
        .await
        .expect(204);
    let after = server
        .get("/v1/me")
        .bearer(access_token)
        .send()
        .await
        .expect(401);
    assert_eq!(after.json()["reason"], "session_ended");
    server
        .get("/v1/me")
        .bearer(&laptop.access_token)
        .send()
        .await
        .expect(200);
}
