//! Events in, answers and errors out, and what the log says of each.

use countersign_token::{Algorithm, PrivateKey};
use serde_json::{Value, json};

use crate::gateway::{event, jwks, token};
use crate::process::{Function, command};

struct World {
    key: PrivateKey,
    function: Function,
}

async fn world() -> World {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let set = serde_json::to_string(&jwks(&key)).unwrap();
    let function = Function::start(&mut command(&set)).await;
    World { key, function }
}

fn answered(line: &Value) -> bool {
    line["message"] == "answered"
}

#[tokio::test]
async fn a_good_token_is_answered_with_a_policy_and_logged_in_one_line_without_it() {
    let World { key, mut function } = world().await;
    let token = token(&key, "users:read");
    let answer = function.api.invoke(event(&token)).await.unwrap();
    assert_eq!(answer["principalId"], "user-1");
    let allowed = &answer["policyDocument"]["Statement"][0];
    assert_eq!(allowed["Effect"], "Allow");
    let base = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/";
    assert_eq!(
        allowed["Resource"],
        json!([format!("{base}GET/me"), format!("{base}GET/users/*")])
    );

    let line = function.line(answered).await;
    for (name, value) in [
        ("level", "INFO"),
        ("function", "guard"),
        ("kind", "rest_token"),
        ("method", "GET"),
        ("route", "GET /users/{id}"),
        ("outcome", "allowed"),
    ] {
        assert_eq!(line[name], value, "{line}");
    }
    assert_eq!(
        (&line["status"], &line["cold"]),
        (&json!(200), &json!(true))
    );
    assert_eq!(
        line["span"]["aws_request_id"],
        "8476a536-e9f4-11e8-9739-000000000000"
    );
    assert_eq!(
        line["span"]["trace_id"],
        "1-5759e988-bd862e3fe1be46a994272793"
    );
    for number in ["took_ms", "init_ms", "memory_mb"] {
        assert!(line[number].is_number(), "{number} in {line}");
    }
    assert!(line["timestamp"].is_string());
    assert!(!line.to_string().contains(&token) && !line.to_string().contains("user-1"));

    let metrics = function.line(|line| line["_aws"].is_object()).await;
    assert_eq!(
        (&metrics["Invocations"], &metrics["ColdStarts"]),
        (&json!(1), &json!(1))
    );

    function.api.invoke(event(&token)).await.unwrap();
    let line = function.line(answered).await;
    assert_eq!(line["cold"], false);
    assert!(line.get("init_ms").is_none_or(Value::is_null), "{line}");
}

#[tokio::test]
async fn a_bad_token_ends_in_the_error_unauthorized_and_is_in_no_line() {
    let World { mut function, .. } = world().await;
    let stranger = PrivateKey::generate(Algorithm::Es256).unwrap();
    for (bad, reason) in [
        (token(&stranger, "users:read"), "unknown_key"),
        ("SECRET".to_owned(), "malformed_token"),
        (String::new(), "empty_token"),
    ] {
        let error = function.api.invoke(event(&bad)).await.unwrap_err();
        assert_eq!(error["errorMessage"], "Unauthorized");
        let mut told = Vec::new();
        let line = function.line(|line| {
            assert!(bad.is_empty() || !line.to_string().contains(&bad), "{line}");
            answered(line)
        });
        told.push(line.await);
        let line = &told[0];
        assert_eq!(
            (&line["outcome"], &line["reason"]),
            (&json!("unauthorized"), &json!(reason))
        );
        assert_eq!(line["status"], 401);
    }
}

#[tokio::test]
async fn a_missing_scope_is_denied_by_an_answer() {
    let World { key, mut function } = world().await;
    let answer = function
        .api
        .invoke(event(&token(&key, "other")))
        .await
        .unwrap();
    let allowed = &answer["policyDocument"]["Statement"][0]["Resource"];
    assert_eq!(allowed.as_array().unwrap().len(), 1, "{answer}");
    let line = function.line(answered).await;
    assert_eq!(
        (&line["outcome"], &line["status"]),
        (&json!("denied"), &json!(403))
    );
}

#[tokio::test]
async fn what_is_no_event_of_a_gateway_fails_and_the_next_one_is_served() {
    let World { key, mut function } = world().await;
    for other in [
        json!({"hello": "world"}),
        json!([]),
        json!("x"),
        json!({"type": "TOKEN", "methodArn": "*"}),
    ] {
        let error = function.api.invoke(other).await.unwrap_err();
        assert_ne!(error["errorMessage"], "Unauthorized");
        let line = function.line(answered).await;
        assert_eq!(
            (&line["outcome"], &line["status"]),
            (&json!("failed"), &json!(500))
        );
    }
    assert!(
        function
            .api
            .invoke(event(&token(&key, "users:read")))
            .await
            .is_ok()
    );
}
