//! `node`, and what of one user another may see by it.

use countersign_web::graphql::global_id::GlobalId;
use serde_json::{Value, json};

use crate::server::Server;

const NODE: &str = "query ($id: ID!) { node(id: $id) { __typename id
    ... on User { username email sessions { id } } ... on Session { device }
    ... on PersonalAccessToken { name } ... on Role { name } } }";

#[tokio::test]
async fn one_finds_oneself_and_ones_own() {
    let server = Server::new().await;
    let token = server.user("jill").await;
    let answer = server
        .ask(Some(&token), "{ me { id sessions { id } } }", json!({}))
        .await;
    for id in [
        &answer.body["data"]["me"]["id"],
        &answer.body["data"]["me"]["sessions"][0]["id"],
    ] {
        let answer = server.ask(Some(&token), NODE, json!({ "id": id })).await;
        assert_eq!(&answer.body["data"]["node"]["id"], id, "{}", answer.body);
        assert!(answer.body.get("errors").is_none());
    }
}

// GHSA-mx7m-j9xf-62hw: a guard that an interface or a fragment walks round.
#[tokio::test]
async fn another_user_takes_a_scope_whether_they_are_there_or_not() {
    let server = Server::new().await;
    let (jack, _) = server.instance.sign_up("jack").await;
    let token = server.user("jill").await;
    let reader = server.with_scopes("reader", "users:read").await;
    let there = async_graphql::ID::from(GlobalId::User(jack.user.id));
    let nowhere = async_graphql::ID::from(GlobalId::User(
        "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55".parse().unwrap(),
    ));
    let mut refusals = Vec::new();
    for id in [&there, &nowhere] {
        let answer = server
            .ask(Some(&token), NODE, json!({ "id": id.as_str() }))
            .await;
        assert_eq!(answer.code(), "FORBIDDEN");
        assert_eq!(
            answer.body["errors"][0]["extensions"]["requiredScope"],
            "users:read"
        );
        refusals.push(answer.body);
    }
    assert_eq!(refusals[0], refusals[1]);
    let answer = server
        .ask(Some(&reader), NODE, json!({ "id": there.as_str() }))
        .await;
    assert_eq!(
        answer.body["data"]["node"]["username"], "jack",
        "{}",
        answer.body
    );
    let answer = server
        .ask(Some(&reader), NODE, json!({ "id": nowhere.as_str() }))
        .await;
    assert_eq!(answer.body, json!({ "data": { "node": null } }));
    let answer = server
        .ask(None, NODE, json!({ "id": there.as_str() }))
        .await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn somebody_elses_session_and_a_role_are_not_found_or_not_allowed() {
    let server = Server::new().await;
    let (_, tokens) = server.instance.sign_up("jack").await;
    let token = server.user("jill").await;
    let session = async_graphql::ID::from(GlobalId::Session(tokens.session_id));
    let answer = server
        .ask(Some(&token), NODE, json!({ "id": session.as_str() }))
        .await;
    assert_eq!(answer.body, json!({ "data": { "node": null } }));
    let role = async_graphql::ID::from(GlobalId::Role("admin".parse().unwrap()));
    let answer = server
        .ask(Some(&token), NODE, json!({ "id": role.as_str() }))
        .await;
    assert_eq!(
        answer.body["errors"][0]["extensions"]["requiredScope"],
        "roles:read"
    );
    for bad in ["", "x", "VXNlcjox"] {
        let answer = server.ask(Some(&token), NODE, json!({ "id": bad })).await;
        assert_eq!(
            answer.body,
            json!({ "data": { "node": Value::Null } }),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn what_may_not_be_seen_of_a_user_is_null_and_says_which_scope_it_takes() {
    let server = Server::new().await;
    let writer = server.with_scopes("writer", "users:write").await;
    let create = "mutation { createUser(input: { username: \"new\" }) {
        ... on CreateUserSuccess { user { id username ...F } } } }
        fragment F on User { ... on Node { id } email sessions { id } }";
    let answer = server.ask(Some(&writer), create, json!({})).await;
    let user = &answer.body["data"]["createUser"]["user"];
    assert!(user["id"].is_string());
    for field in ["username", "email", "sessions"] {
        assert_eq!(user.get(field), Some(&Value::Null), "{}", answer.body);
    }
    for error in answer.body["errors"].as_array().unwrap() {
        assert_eq!(error["extensions"]["requiredScope"], "users:read");
    }
}

#[tokio::test]
async fn a_login_narrowed_to_nothing_shows_nothing_of_the_user() {
    let server = Server::new().await;
    server.user("jill").await;
    let login = "mutation { login(input: { identifier: \"jill\", scope: \"\",
        password: \"correct horse battery staple\" }) {
        ... on LoginSuccess { scope user { email } } } }";
    let answer = server.ask(None, login, json!({})).await;
    assert_eq!(
        answer.body["data"]["login"],
        json!({ "scope": "", "user": { "email": null } })
    );
    assert_eq!(answer.code(), "FORBIDDEN");
}
