//! What can't be checked here is closed, not open.

use countersign_offline::Happening;
use serde_json::json;

use crate::support::Stack;

#[tokio::test]
async fn a_route_that_asks_for_an_api_key_refuses_every_request() {
    let stack = Stack::with("stack/closed.yaml", |_| {}).await;
    let warned: Vec<String> = stack
        .heard()
        .into_iter()
        .filter_map(|happening| match happening {
            Happening::Warning { message } => Some(message),
            _ => None,
        })
        .collect();
    for (api, path) in [("Keyed", "/usual"), ("Guarded", "/own")] {
        let refused = stack.get(api, path).await;
        assert_eq!(
            (refused.status, refused.json()),
            (403, json!({"message": "Forbidden"})),
            "{path}"
        );
        let warning = format!("GET {path}: API keys can't be checked here");
        assert!(
            warned.iter().any(|message| message.starts_with(&warning)),
            "{warned:?}"
        );
    }
    assert_eq!(warned.len(), 2, "{warned:?}");
    assert_eq!(stack.get("Keyed", "/open").await.status, 200);
    let preflight = stack.request("OPTIONS", "Keyed", "/usual");
    assert_eq!(crate::support::send(preflight).await.status, 200);
    stack.stop().await;
}

#[tokio::test]
async fn a_private_event_of_the_serverless_framework_refuses_every_request() {
    let stack = Stack::with("serverless/serverless.yml", |_| {}).await;
    let refused = stack.get("http", "/private").await;
    assert_eq!(
        (refused.status, refused.json()),
        (403, json!({"message": "Forbidden"}))
    );
    stack.stop().await;
}

#[tokio::test]
async fn a_route_behind_an_authorizer_that_there_is_not_is_500() {
    let stack = Stack::with("stack/closed.yaml", |_| {}).await;
    let preflight = stack.request("OPTIONS", "Guarded", "/own");
    assert_eq!(crate::support::send(preflight).await.status, 500);
    let reason = stack.last_request().reason.unwrap();
    assert!(reason.contains("no authorizer Nobody"), "{reason}");
    stack.stop().await;
}
