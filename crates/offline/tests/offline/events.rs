//! The events, whole, against what AWS documents.

use insta::assert_json_snapshot;
use serde_json::Value;

use crate::support::{Stack, send};

async fn event(stack: &Stack, method: &str, api: &str, path: &str, body: &str) -> Value {
    let mut request = stack
        .request(method, api, path)
        .header("Authorization", "Bearer jill")
        .header("User-Agent", "test")
        .header("Cookie", "a=1; b=2");
    if !body.is_empty() {
        request = request
            .header("Content-Type", "application/json")
            .body(body.to_owned());
    }
    let answer = send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.json()["event"].to_string();
    // Ports and ids differ from run to run.
    let host = stack
        .url(api)
        .trim_start_matches("http://")
        .trim_end_matches("/prod");
    let port = host.rsplit(':').next().unwrap();
    let text = text
        .replace(host, "host:0")
        .replace(&format!("\"{port}\""), "\"0\"");
    serde_json::from_str(&text).unwrap()
}

macro_rules! snapshot {
    ($event:expr) => {
        assert_json_snapshot!($event, {
            r#".**["X-Amzn-Trace-Id"]"# => "[trace]",
            r#".**["x-amzn-trace-id"]"# => "[trace]",
            r#".multiValueHeaders["X-Amzn-Trace-Id"]"# => "[trace]",
            ".requestContext.requestId" => "[id]",
            ".requestContext.extendedRequestId" => "[id]",
            ".requestContext.requestTime" => "[time]",
            ".requestContext.requestTimeEpoch" => "[ms]",
            ".requestContext.time" => "[time]",
            ".requestContext.timeEpoch" => "[ms]",
            ".requestContext.authorizer.integrationLatency" => "[ms]",
        })
    };
}

#[tokio::test]
async fn of_a_rest_api() {
    let stack = Stack::start().await;
    snapshot!(event(&stack, "POST", "Rest", "/other/a%20b?q=1&q=2", "{\"x\":1}").await);
    stack.stop().await;
}

#[tokio::test]
async fn of_an_http_api_in_format_2() {
    let stack = Stack::start().await;
    snapshot!(
        event(
            &stack,
            "POST",
            "Http",
            "/items/a%20b?q=1&q=2&r=%C3%A4",
            "{\"x\":1}"
        )
        .await
    );
    stack.stop().await;
}

#[tokio::test]
async fn of_an_http_api_in_format_1() {
    let stack = Stack::start().await;
    snapshot!(event(&stack, "GET", "Http", "/policy?q=1", "").await);
    stack.stop().await;
}

#[tokio::test]
async fn of_a_function_url() {
    let stack = Stack::start().await;
    snapshot!(event(&stack, "GET", "HelloUrl", "/a?q=1", "").await);
    stack.stop().await;
}
