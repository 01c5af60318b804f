//! Connections, both ways.

use serde_json::{Value, json};

use crate::server::{EVERYTHING, Server};

const USERS: &str = "query ($first: Int, $after: String, $last: Int, $before: String) {
    users(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { username } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn page(server: &Server, token: &str, variables: Value) -> (Vec<String>, Value) {
    let answer = server.ask(Some(token), USERS, variables).await;
    let users = &answer.body["data"]["users"];
    let name = |edge: &Value| edge["node"]["username"].as_str().unwrap().to_owned();
    let names = users["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(name)
        .collect();
    (names, users["pageInfo"].clone())
}

#[tokio::test]
async fn a_list_is_walked_forwards_and_backwards_and_each_item_comes_once() {
    let server = Server::new().await;
    let token = server.with_scopes("admin0", EVERYTHING).await;
    let mut all = vec!["admin0".to_owned()];
    for n in 1..=6 {
        server
            .instance
            .clock
            .advance(std::time::Duration::from_millis(5));
        server.user(&format!("user{n}")).await;
        all.push(format!("user{n}"));
    }
    let mut forwards = Vec::new();
    let mut after = Value::Null;
    loop {
        let (names, info) = page(&server, &token, json!({ "first": 3, "after": after })).await;
        assert_eq!(info["hasPreviousPage"], !after.is_null());
        forwards.extend(names);
        after = info["endCursor"].clone();
        if info["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(forwards, all);

    let mut backwards = Vec::new();
    let mut before = Value::Null;
    loop {
        let (names, info) = page(&server, &token, json!({ "last": 3, "before": before })).await;
        assert_eq!(info["hasNextPage"], !before.is_null());
        backwards.splice(0..0, names);
        before = info["startCursor"].clone();
        if info["hasPreviousPage"] == false {
            break;
        }
    }
    assert_eq!(backwards, all);
}

#[tokio::test]
async fn arguments_of_a_page_that_make_no_sense_are_refused_with_their_place() {
    let server = Server::new().await;
    let token = server.with_scopes("admin0", EVERYTHING).await;
    for (variables, field) in [
        (json!({ "first": 0 }), "/first"),
        (json!({ "first": -1 }), "/first"),
        (json!({ "first": 101 }), "/first"),
        (json!({ "last": 0 }), "/last"),
        (json!({ "first": 1, "last": 1 }), "/first"),
        (json!({ "after": "x", "last": 1 }), "/after"),
        (json!({ "after": "' OR 1=1 --" }), "/after"),
        (json!({ "before": "{\"$gt\":\"\"}" }), "/before"),
    ] {
        let answer = server.ask(Some(&token), USERS, variables.clone()).await;
        let extensions = &answer.body["errors"][0]["extensions"];
        assert_eq!(
            extensions,
            &json!({ "code": "BAD_USER_INPUT", "field": field }),
            "{variables}"
        );
        assert_eq!(answer.body["data"], json!({ "users": null }));
    }
}

#[tokio::test]
async fn users_are_filtered_and_the_audit_log_is_read() {
    let server = Server::new().await;
    let token = server.with_scopes("admin0", EVERYTHING).await;
    server.user("jill").await;
    let filtered =
        "{ users(filter: { prefix: \"JI\", state: ACTIVE }) { edges { node { username } } } }";
    let answer = server.ask(Some(&token), filtered, json!({})).await;
    assert_eq!(
        answer.body,
        json!({ "data": { "users": { "edges": [{ "node": { "username": "jill" } }] } } })
    );
    let log = "{ auditEvents(last: 1, filter: { action: \"user.signed_up\" }) {
        edges { node { action actor userId details { name } } } } }";
    let answer = server.ask(Some(&token), log, json!({})).await;
    let event = &answer.body["data"]["auditEvents"]["edges"][0]["node"];
    assert_eq!(event["action"], "user.signed_up", "{}", answer.body);
    assert!(event["actor"].as_str().unwrap().starts_with("user:"));
}
