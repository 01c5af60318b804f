use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::{PASSWORD, Server, assert_is_id};

#[tokio::test]
async fn the_whole_answer_is_as_documented() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let answer = server
        .get("/v1/me")
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(200);
    assert_is_id(answer.json()["id"].as_str().unwrap());
    assert_eq!(answer.header("etag").unwrap(), format!("\"{}.1\"", ada.id));
    assert_json_snapshot!(answer.whole(), { ".headers.etag" => "[etag]", ".body.id" => "[id]" });
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let server = Server::start().await;
    let (ada, bob) = (server.sign_up("ada").await, server.sign_up("bob").await);
    let first = server
        .get("/v1/me")
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(200);
    let tag = first.header("etag").unwrap();
    let again = |token: &str| {
        server
            .get("/v1/me")
            .bearer(token)
            .header("if-none-match", tag)
            .send()
    };
    let same = again(&ada.access_token).await.expect(304);
    assert!(same.body.is_empty());
    assert_eq!(same.header("etag"), Some(tag));
    // CVE-2026-33496: the tag of one caller must not answer for another.
    again(&bob.access_token).await.expect(200);
    let change = json!({ "display_name": "Ada" });
    let patched = server
        .request("PATCH", "/v1/me")
        .bearer(&ada.access_token)
        .json(&change)
        .send()
        .await;
    assert_ne!(patched.expect(200).header("etag"), Some(tag));
    again(&ada.access_token).await.expect(200);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_clears() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let patch = |body: serde_json::Value| {
        server
            .request("PATCH", "/v1/me")
            .bearer(&ada.access_token)
            .json(&body)
            .send()
    };
    let named = patch(json!({ "display_name": "Ada L." }))
        .await
        .expect(200)
        .json();
    assert_eq!(named["display_name"], "Ada L.");
    assert_eq!(named["username"], "ada");
    let cleared =
        patch(json!({ "display_name": null, "email": null, "current_password": PASSWORD }))
            .await
            .expect(200)
            .json();
    assert_eq!(
        (&cleared["display_name"], &cleared["email"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(
        patch(json!({ "username": null, "current_password": PASSWORD }))
            .await
            .expect(422)
            .code(),
        "invalid_input"
    );
    assert_eq!(
        patch(json!({ "state": "active" })).await.expect(422).code(),
        "invalid_input"
    );
    server.sign_up("bob").await;
    assert_eq!(
        patch(json!({ "username": "Bob", "current_password": PASSWORD }))
            .await
            .expect(409)
            .code(),
        "username_taken"
    );
    for password in [json!(null), json!("not her password")] {
        let body = json!({ "email": "eve@example.com", "current_password": password });
        let refused = patch(body).await.expect(403);
        assert_eq!(refused.code(), "wrong_password");
    }
    let merge = server
        .request("PATCH", "/v1/me")
        .bearer(&ada.access_token)
        .header("content-type", "application/merge-patch+json")
        .body(json!({ "display_name": "Ada" }).to_string());
    merge.send().await.expect(200);
}

#[tokio::test]
async fn if_match_stops_a_lost_update() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let read = server.get("/v1/me").bearer(&ada.access_token).send().await;
    let tag = read.header("etag").unwrap().to_owned();
    let patch = |tag: String| {
        server
            .request("PATCH", "/v1/me")
            .bearer(&ada.access_token)
            .header("if-match", &tag)
            .json(&json!({ "display_name": "Ada" }))
            .send()
    };
    patch(tag.clone()).await.expect(200);
    assert_eq!(
        patch(tag.clone()).await.expect(412).code(),
        "version_conflict"
    );
    assert_eq!(
        patch(format!("W/{tag}")).await.expect(412).code(),
        "version_conflict"
    );
    patch("*".to_owned()).await.expect(200);
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_the_other_sessions() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let other = server.log_in("ada").await;
    let change = |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        server
            .post("/v1/me/password")
            .bearer(&ada.access_token)
            .json(&body)
            .send()
    };
    let new = "a wholly different phrase";
    let wrong = change("not it", new).await.expect(403);
    assert_eq!(
        (wrong.code().as_str(), &wrong.json()["errors"][0]["pointer"]),
        ("wrong_password", &json!("/current_password"))
    );
    assert_eq!(
        change(PASSWORD, "short").await.expect(422).code(),
        "weak_password"
    );
    let done = change(PASSWORD, new).await.expect(200);
    assert_eq!(done.json(), json!({ "ended_sessions": 1 }));
    server
        .get("/v1/me")
        .bearer(&other.access_token)
        .send()
        .await
        .expect(401);
    server
        .get("/v1/me")
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(200);
    let old = json!({ "identifier": "ada", "password": PASSWORD });
    server.post("/v1/login").json(&old).send().await.expect(401);
    server
        .log_in_with(json!({ "identifier": "ada", "password": new }))
        .await;
}
