//! HTTP APIs and function URLs: simple authorizers, both payload formats, CORS, answers.

use serde_json::json;

use crate::support::{Stack, send};

#[tokio::test]
async fn a_simple_answer_lets_in_or_not() {
    let stack = Stack::start().await;
    let missing = stack.get("Http", "/private").await;
    assert_eq!(
        (missing.status, missing.json()),
        (401, json!({"message": "Unauthorized"}))
    );
    assert_eq!(
        stack.invocations().len(),
        0,
        "an identity source is missing"
    );
    let nobody = stack.get_as("nobody", "Http", "/private").await;
    assert_eq!(
        (nobody.status, nobody.json()),
        (401, json!({"message": "Unauthorized"}))
    );
    let denied = stack.get_as("jack", "Http", "/private").await;
    assert_eq!(
        (denied.status, denied.json()),
        (403, json!({"message": "Forbidden"}))
    );
    let answer = stack.get_as("jill", "Http", "/private").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let authorizer = answer.json()["event"]["requestContext"]["authorizer"].clone();
    let arn = "arn:aws:execute-api:us-east-1:123456789012:http/$default/GET/private";
    assert_eq!(
        authorizer,
        json!({"lambda": {"asked": 3, "roles": ["admin"], "arn": arn}})
    );
    stack.stop().await;
}

/// Documented by AWS, and the reason why identity sources matter: the simple answer for one route is
/// the answer for all.
#[tokio::test]
async fn a_cached_simple_answer_holds_for_every_route() {
    let stack = Stack::start().await;
    assert_eq!(stack.get_as("jill", "Http", "/private").await.status, 200);
    let request = stack
        .request("POST", "Http", "/items/1")
        .header("Authorization", "Bearer jill");
    let answer = send(request).await;
    let lambda = &answer.json()["event"]["requestContext"]["authorizer"]["lambda"];
    assert_eq!(lambda["asked"], 1);
    assert!(
        lambda["arn"].as_str().unwrap().ends_with("/GET/private"),
        "made for another route"
    );
    stack.stop().await;
}

#[tokio::test]
async fn format_1_has_the_context_flat() {
    let stack = Stack::start().await;
    let answer = stack.get_as("jill", "Http", "/policy").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let event = &answer.json()["event"];
    assert_eq!(event["version"], "1.0");
    let authorizer = &event["requestContext"]["authorizer"];
    assert_eq!(
        (&authorizer["principalId"], &authorizer["type"]),
        (&json!("jill"), &json!("REQUEST"))
    );
    assert_eq!(
        stack.get_as("broken", "Http", "/policy").await.json(),
        json!({"message": "Internal Server Error"})
    );
    stack.stop().await;
}

#[tokio::test]
async fn routes_that_are_not_there_are_404() {
    let stack = Stack::start().await;
    for (method, path) in [
        ("GET", "/nowhere"),
        ("GET", "/private/"),
        ("DELETE", "/private"),
        ("GET", "/"),
    ] {
        let answer = send(stack.request(method, "Http", path)).await;
        assert_eq!(
            (answer.status, answer.json()),
            (404, json!({"message": "Not Found"})),
            "{method} {path}"
        );
    }
    stack.stop().await;
}

#[tokio::test]
async fn format_2_takes_any_json_for_an_answer() {
    let stack = Stack::start().await;
    let text = stack.get("Http", "/odd/text").await;
    assert_eq!((text.status, text.text().as_str()), (200, "just text"));
    assert_eq!(text.header("content-type"), Some("application/json"));
    assert_eq!(
        stack.get("Http", "/odd/object").await.json(),
        json!({"hello": "there"})
    );
    for what in ["throws", "crashes", "hangs", "upgrade"] {
        let failed = stack.get("Http", &format!("/odd/{what}")).await;
        let words = json!({"message": "Internal Server Error"});
        assert_eq!((failed.status, failed.json()), (500, words), "{what}");
    }
    let cookies = stack.get("Http", "/odd/cookies").await;
    let all: Vec<_> = cookies.headers.get_all("set-cookie").iter().collect();
    assert_eq!(all, ["a=1", "b=2"]);
    assert_eq!(
        stack.get("Http", "/odd/image").await.body,
        [0x89, 0x50, 0, 0xff]
    );
    stack.stop().await;
}

#[tokio::test]
async fn the_gateway_answers_other_origins_itself() {
    let stack = Stack::start().await;
    let preflight = |origin: &'static str| {
        let request = stack
            .request("OPTIONS", "Http", "/private")
            .header("Origin", origin);
        send(request.header("Access-Control-Request-Method", "GET"))
    };
    let answer = preflight("https://app.example.com").await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://app.example.com")
    );
    assert_eq!(
        answer.header("access-control-allow-methods"),
        Some("GET,POST")
    );
    let foreign = preflight("https://evil.example.com").await;
    assert_eq!(
        (
            foreign.status,
            foreign.header("access-control-allow-origin")
        ),
        (204, None)
    );
    let refused = stack
        .request("GET", "Http", "/private")
        .header("Origin", "https://app.example.com");
    let refused = send(refused).await;
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some("https://app.example.com")
    );
    assert_eq!(stack.invocations().len(), 0);
    stack.stop().await;
}

#[tokio::test]
async fn a_function_url_needs_no_route() {
    let stack = Stack::start().await;
    let answer = stack.get("HelloUrl", "/any/%C3%A4?x=1").await;
    assert_eq!(answer.status, 200);
    let event = &answer.json()["event"];
    assert_eq!(
        (&event["routeKey"], &event["rawPath"]),
        (&json!("$default"), &json!("/any/%C3%A4"))
    );
    assert_eq!(event["requestContext"]["accountId"], "anonymous");
    stack.stop().await;
}
