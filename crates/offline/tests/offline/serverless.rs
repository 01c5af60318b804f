//! The tutorials' `serverless.yml`, as it is.

use serde_json::json;

use crate::support::{Stack, send};

#[tokio::test]
async fn the_tutorials_stack_runs() {
    let stack = Stack::with("serverless/serverless.yml", |_| {}).await;
    assert!(stack.url("http").ends_with("/dev"));
    let request = stack.request("POST", "http", "/login");
    let login = send(request.body("{\"password\":\"the shared one\"}")).await;
    assert_eq!(
        login.json(),
        json!({"auth": true, "stage": "dev"}),
        "the secret came from the file"
    );
    let me = |token: &'static str| {
        send(
            stack
                .request("GET", "http", "/me")
                .header("authorization", token),
        )
    };
    let answer = me("jill").await;
    assert_eq!(
        (answer.status, &answer.json()["principalId"]),
        (200, &json!("jill"))
    );
    // The tutorial gives 'Unauthorized' as a result and not as an error: on AWS that is a 500.
    assert_eq!(me("jack").await.status, 500);
    assert_eq!(stack.get("http", "/me").await.status, 401);
    assert_eq!(stack.get("http", "/users").await.text(), "/users");
    let preflight = send(stack.request("OPTIONS", "http", "/me")).await;
    assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
    stack.stop().await;
}

#[tokio::test]
async fn another_stage_is_another_path_and_another_environment() {
    let stack = Stack::with("serverless/serverless.yml", |options| {
        options.stage = Some("prod".to_owned());
    })
    .await;
    assert!(stack.url("http").ends_with("/prod"));
    let login = send(stack.request("POST", "http", "/login").body("{}")).await;
    assert_eq!(login.json()["stage"], "prod");
    stack.stop().await;
}

#[tokio::test]
async fn http_api_events_are_an_api_of_their_own() {
    let stack = Stack::with("serverless/serverless.yml", |_| {}).await;
    assert_eq!(stack.get("httpApi", "/anything").await.text(), "$default");
    assert_eq!(stack.get("httpApi", "/me").await.status, 401);
    let request = stack
        .request("GET", "httpApi", "/me")
        .header("Authorization", "jill");
    assert_eq!(send(request).await.json(), json!({"lambda": null}));
    stack.stop().await;
}
