use countersign_web::problem::Code;
use insta::{assert_json_snapshot, dynamic_redaction};
use serde_json::json;

use crate::support::{PASSWORD, Server, assert_is_id, assert_is_moment};

#[tokio::test]
async fn the_whole_answer_is_as_documented() {
    let server = Server::start().await;
    let body = json!({
        "username": "ada",
        "email": "Ada@Example.com",
        "display_name": "Ada Lovelace",
        "password": PASSWORD,
        "device": "laptop",
    });
    let answer = server
        .post("/v1/register")
        .json(&body)
        .send()
        .await
        .expect(201);
    let id = answer.json()["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.header("location").unwrap(),
        format!("/v1/users/{id}")
    );
    let is_id = || {
        dynamic_redaction(|value, _| {
            assert_is_id(value.as_str().unwrap());
            "[id]"
        })
    };
    let is_moment = || {
        dynamic_redaction(|value, _| {
            assert_is_moment(value.as_str().unwrap());
            "[moment]"
        })
    };
    assert_json_snapshot!(answer.whole(), {
        ".headers.location" => "[location]",
        ".body.user.id" => is_id(),
        ".body.user.created_at" => is_moment(),
        ".body.user.updated_at" => is_moment(),
        ".body.session_id" => is_id(),
        ".body.refresh_expires_at" => is_moment(),
        ".body.access_token" => dynamic_redaction(|value, _| {
            assert_eq!(value.as_str().unwrap().split('.').count(), 3);
            "[access token]"
        }),
        ".body.refresh_token" => dynamic_redaction(|value, _| {
            assert!(value.as_str().unwrap().starts_with("csr_"));
            "[refresh token]"
        }),
    });
}

#[tokio::test]
async fn every_fault_of_the_body_is_told_at_once_and_no_value_is_repeated() {
    let server = Server::start().await;
    let body = json!({
        "username": "ada@home",
        "email": "hunter2",
        "password": ["hunter2"],
        "device": 7,
        "scope": "a  b",
        "is_admin": "hunter2",
        "a/b~": 1,
    });
    let answer = server
        .post("/v1/register")
        .json(&body)
        .send()
        .await
        .expect(422);
    assert!(!String::from_utf8_lossy(&answer.body).contains("hunter2"));
    assert_json_snapshot!(answer.json());
}

#[tokio::test]
async fn an_address_or_name_that_is_taken_is_a_conflict() {
    let server = Server::start().await;
    server.sign_up("ada").await;
    for (body, code) in [
        (
            json!({ "email": "ADA@EXAMPLE.COM", "password": PASSWORD }),
            Code::EmailTaken,
        ),
        (
            json!({ "username": "ＡＤＡ", "password": PASSWORD }),
            Code::UsernameTaken,
        ),
    ] {
        let answer = server
            .post("/v1/register")
            .json(&body)
            .send()
            .await
            .expect(409);
        assert_eq!(answer.code(), code.as_str());
    }
}

#[tokio::test]
async fn a_weak_password_is_explained() {
    let server = Server::start().await;
    for (password, code) in [
        ("short", "password_too_short"),
        ("123456", "password_too_short"),
        ("password1", "password_common"),
        ("ada lovelace", "password_personal"),
    ] {
        let body =
            json!({ "username": "ada", "display_name": "Ada Lovelace", "password": password });
        let answer = server
            .post("/v1/register")
            .json(&body)
            .send()
            .await
            .expect(422);
        assert_eq!(answer.code(), "weak_password");
        assert_eq!(answer.json()["errors"][0]["pointer"], "/password");
        assert_eq!(answer.json()["errors"][0]["code"], code, "{password}");
    }
}

#[tokio::test]
async fn an_account_has_a_name_or_an_address() {
    let server = Server::start().await;
    let answer = server
        .post("/v1/register")
        .json(&json!({ "password": PASSWORD }))
        .send()
        .await;
    assert_eq!(answer.expect(422).code(), "invalid_input");
    let empty = json!({ "email": "", "password": "" });
    let answer = server
        .post("/v1/register")
        .json(&empty)
        .send()
        .await
        .expect(422);
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_repeated_call_with_an_idempotency_key_makes_one_account() {
    let server = Server::start().await;
    let body = json!({ "username": "ada", "password": PASSWORD });
    let send = |key: &'static str, body: serde_json::Value| {
        server
            .post("/v1/register")
            .header("idempotency-key", key)
            .json(&body)
            .send()
    };
    let first = send("\"k-1\"", body.clone()).await.expect(201).json();
    let again = send("k-1", body.clone()).await.expect(201).json();
    assert_eq!(first["user"]["id"], again["user"]["id"]);
    let other = json!({ "username": "bob", "password": PASSWORD });
    assert_eq!(
        send("k-1", other).await.expect(422).code(),
        "idempotency_key_reused"
    );
    assert_eq!(
        send("k-2", body.clone()).await.expect(409).code(),
        "username_taken"
    );
    assert_eq!(send("é", body).await.expect(400).code(), "invalid_header");
}

#[tokio::test]
async fn a_closed_instance_takes_nobody() {
    let server = Server::with(|settings, _| settings.sign_up_enabled = false).await;
    let body = json!({ "username": "ada", "password": PASSWORD });
    let answer = server
        .post("/v1/register")
        .json(&body)
        .send()
        .await
        .expect(403);
    assert_eq!(answer.code(), "sign_up_closed");
}
