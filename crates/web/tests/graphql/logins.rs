//! What strangers learn from logins, and how often they may try.

use std::time::Duration;

use countersign_app::admin::Admin;
use countersign_app::throttle::Rate;
use countersign_domain::user::UserState;
use serde_json::{Value, json};

use crate::instance::{self, PASSWORD};
use crate::server::Server;

const LOGIN: &str = "mutation ($name: String!, $password: String!) {
    login(input: { identifier: $name, password: $password }) {
        __typename ... on UserError { code message } } }";

#[tokio::test]
async fn unknown_wrong_disabled_and_locked_are_one_answer() {
    let server = Server::new().await;
    for (name, state) in [("off", UserState::Disabled), ("shut", UserState::Locked)] {
        let (account, _) = server.instance.sign_up(name).await;
        let app = &server.instance.app;
        let by = Admin::CommandLine;
        app.set_user_state(by, account.user.id, state, &instance::origin())
            .await
            .map(drop)
            .unwrap();
    }
    server.user("jill").await;
    let mut answers = Vec::new();
    for (name, password) in [
        ("ghost", PASSWORD),
        ("ghost@example.com", PASSWORD),
        ("not a name", PASSWORD),
        ("", PASSWORD),
        ("jill", "wrong password"),
        ("jill@example.com", "wrong password"),
        ("off", PASSWORD),
        ("shut", PASSWORD),
    ] {
        let variables = json!({ "name": name, "password": password });
        let answer = server.ask(None, LOGIN, variables).await;
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        answers.push((answer.status, headers, answer.body.to_string()));
    }
    let expected = json!({ "data": { "login": { "__typename": "InvalidCredentials",
        "code": "invalid_credentials", "message": "the name or the password is not right" } } });
    assert_eq!(
        serde_json::from_str::<Value>(&answers[0].2).unwrap(),
        expected
    );
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
}

fn many_logins(count: usize) -> String {
    let fields: Vec<String> = (0..count)
        .map(|n| {
            format!("a{n}: login(input: {{ identifier: \"jill\", password: \"guess {n}\" }}) {{ __typename }}")
        })
        .collect();
    format!("mutation {{ {} }}", fields.join(" "))
}

#[tokio::test]
async fn a_hundred_logins_in_one_request_are_not_even_begun() {
    let server = Server::new().await;
    server.user("jill").await;
    let answer = server.ask(None, &many_logins(100), json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (400, "QUERY_TOO_MANY_ALIASES")
    );
    assert!(answer.body.get("data").is_none());
}

#[tokio::test]
async fn each_login_of_a_request_counts_for_the_throttle() {
    let server = Server::with(
        |settings| {
            settings.throttle.login_failures_per_account = Rate {
                attempts: 3,
                per: Duration::from_mins(1),
            };
        },
        |_| {},
    )
    .await;
    server.user("jill").await;
    let answer = server.ask(None, &many_logins(10), json!({})).await;
    assert_eq!(answer.status, 200);
    for n in 0..3 {
        assert_eq!(
            answer.body["data"][format!("a{n}")]["__typename"],
            "InvalidCredentials"
        );
    }
    let errors = answer.body["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 7, "{}", answer.body);
    for error in errors {
        assert_eq!(
            error["extensions"],
            json!({ "code": "THROTTLED", "retryAfter": 20 })
        );
        let key = error["path"][0].as_str().unwrap();
        assert_eq!(answer.body["data"][key], Value::Null);
    }
}

#[tokio::test]
async fn a_mutation_written_twice_does_not_run_twice() {
    let server = Server::new().await;
    let login = "login(input: { identifier: \"jill\", password: \"x\" }) { __typename }";
    for document in [
        format!("mutation {{ {login} {login} }}"),
        format!("mutation {{ {login} ...F }} fragment F on Mutation {{ {login} }}"),
        format!("mutation {{ {login} ... on Mutation {{ {login} }} }}"),
    ] {
        let answer = server.ask(None, &document, json!({})).await;
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED", "{document}");
        assert_eq!(answer.status, 400);
    }
}

#[tokio::test]
async fn too_many_sign_ups_from_one_network_are_throttled() {
    let server = Server::with(
        |settings| {
            settings.throttle.sign_up_per_network = Rate {
                attempts: 1,
                per: Duration::from_mins(1),
            };
        },
        |_| {},
    )
    .await;
    let signup = "mutation ($name: String!) { signup(input: { username: $name,
        password: \"correct horse battery staple\" }) { __typename } }";
    let answer = server.ask(None, signup, json!({ "name": "jill" })).await;
    assert_eq!(answer.body["data"]["signup"]["__typename"], "SignupSuccess");
    let answer = server.ask(None, signup, json!({ "name": "jack" })).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (200, "THROTTLED"));
}
