use countersign_app::Origin;
use countersign_app::admin::Admin;
use countersign_domain::user::UserState;
use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::{PASSWORD, Server};

/// CVE-2024-41952, CVE-2025-67717: strangers must not learn who has an account.
#[tokio::test]
async fn unknown_wrong_disabled_and_locked_are_one_answer_to_the_last_byte() {
    let server = Server::start().await;
    for (name, state) in [("dora", UserState::Disabled), ("lou", UserState::Locked)] {
        let person = server.sign_up(name).await;
        let id = person.id.parse().unwrap();
        let by = Admin::CommandLine;
        let _ = server
            .app
            .set_user_state(by, id, state, &Origin::default())
            .await
            .unwrap();
    }
    server.sign_up("ada").await;
    let mut answers = Vec::new();
    for (identifier, password) in [
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("no body @ all", PASSWORD),
        ("", PASSWORD),
        ("ada", "not her password"),
        ("ada@example.com", "not her password"),
        ("dora", PASSWORD),
        ("lou", PASSWORD),
    ] {
        let body = json!({ "identifier": identifier, "password": password });
        let answer = server.post("/v1/login").json(&body).send().await;
        answers.push((answer.body.clone(), answer.whole()));
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:#?}"
    );
    assert_json_snapshot!(answers[0].1);
}

#[tokio::test]
async fn who_writes_email_or_username_is_told_what_it_is_called_here() {
    let server = Server::start().await;
    for name in ["email", "username"] {
        let body = json!({ name: "ada@example.com", "password": PASSWORD });
        let answer = server.post("/v1/login").json(&body).send().await;
        let said = answer.expect(422).json().to_string();
        assert!(said.contains("is called `identifier` here"), "{said}");
    }
}

#[tokio::test]
async fn a_login_never_makes_an_account() {
    let server = Server::start().await;
    for _ in 0..2 {
        let body = json!({ "identifier": "new@example.com", "password": PASSWORD });
        server
            .post("/v1/login")
            .json(&body)
            .send()
            .await
            .expect(401);
    }
}

#[tokio::test]
async fn tokens_are_narrowed_to_what_was_asked_for() {
    let server = Server::start().await;
    server.sign_up("ada").await;
    let body = json!({
        "identifier": "ada",
        "password": PASSWORD,
        "scope": "account:read users:write",
        "audience": "https://api.example.com",
    });
    let answer = server
        .post("/v1/login")
        .json(&body)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(answer["scope"], "account:read");
    // Made for another API, it is not good here.
    let token = answer["access_token"].as_str().unwrap();
    let me = server.get("/v1/me").bearer(token).send().await.expect(401);
    assert_eq!(me.json()["reason"], "wrong_audience");

    let body =
        json!({ "identifier": "ada", "password": PASSWORD, "audience": "https://no.example" });
    let answer = server
        .post("/v1/login")
        .json(&body)
        .send()
        .await
        .expect(422);
    assert_eq!(answer.code(), "invalid_target");
}

#[tokio::test]
async fn a_stale_access_token_does_not_stop_a_login() {
    let server = Server::start().await;
    server.sign_up("ada").await;
    let body = json!({ "identifier": "ada", "password": PASSWORD });
    server
        .post("/v1/login")
        .bearer("stale")
        .json(&body)
        .send()
        .await
        .expect(200);
}
