//! Authorizers of REST APIs.

use serde_json::json;

use crate::support::{Stack, send};

#[tokio::test]
async fn a_missing_or_malformed_token_is_401_and_asks_nobody() {
    let stack = Stack::start().await;
    let missing = stack.get("Rest", "/private").await;
    assert_eq!(
        (missing.status, missing.json()),
        (401, json!({"message": "Unauthorized"}))
    );
    assert_eq!(
        missing.header("x-amzn-errortype"),
        Some("UnauthorizedException")
    );
    let malformed = stack.get_as("UPPER", "Rest", "/private").await;
    assert_eq!(malformed.status, 401, "it is not of the form Bearer [a-z]+");
    assert_eq!(stack.invocations().len(), 0, "nothing was invoked");
    stack.stop().await;
}

#[tokio::test]
async fn who_may_passes_with_the_context_in_texts() {
    let stack = Stack::start().await;
    let answer = stack.get_as("jill", "Rest", "/private").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let mut authorizer = answer.json()["event"]["requestContext"]["authorizer"].clone();
    assert!(authorizer["integrationLatency"].take().is_number());
    let expected =
        json!({"principalId": "jill", "asked": "1", "admin": "true", "integrationLatency": null});
    assert_eq!(authorizer, expected);
    stack.stop().await;
}

#[tokio::test]
async fn unauthorized_is_401_a_deny_403_and_a_failure_500_each_in_the_words_of_aws() {
    let stack = Stack::start().await;
    let nobody = stack.get_as("nobody", "Rest", "/private").await;
    assert_eq!(
        (nobody.status, nobody.json()),
        (401, json!({"message": "Unauthorized"}))
    );
    let denied = stack.get_as("jack", "Rest", "/private").await;
    let words = "User is not authorized to access this resource with an explicit deny";
    assert_eq!(
        (denied.status, denied.json()),
        (403, json!({"Message": words}))
    );
    for token in ["broken", "fails"] {
        let failed = stack.get_as(token, "Rest", "/private").await;
        assert_eq!(
            (failed.status, failed.json()),
            (500, json!({"message": null})),
            "{token}"
        );
        assert_eq!(
            failed.header("x-amzn-errortype"),
            Some("AuthorizerConfigurationException")
        );
    }
    stack.stop().await;
}

/// auth0-samples/jwt-rsa-aws-custom-authorizer#8, serverless/serverless#6176: what every tutorial
/// runs into on AWS, and what nothing local showed.
#[tokio::test]
async fn a_cached_policy_for_one_method_refuses_the_next_route() {
    let stack = Stack::start().await;
    assert_eq!(stack.get_as("jill", "Rest", "/private").await.status, 200);
    let other = stack.get_as("jill", "Rest", "/other/1").await;
    let words = "User is not authorized to access this resource";
    assert_eq!(
        (other.status, other.json()),
        (403, json!({"Message": words}))
    );
    let told = stack.last_request();
    assert!(told.authorizer.unwrap().contains("cache"));
    assert!(told.reason.unwrap().contains("made for another request"));
    let again = stack.get_as("jill", "Rest", "/private").await;
    assert_eq!(
        again.json()["event"]["requestContext"]["authorizer"]["asked"],
        "1",
        "from the cache"
    );
    // The other way round the same happens, with another caller's token.
    assert_eq!(stack.get_as("jack", "Rest", "/other/1").await.status, 403);
    stack.stop().await;
}

#[tokio::test]
async fn a_policy_for_the_whole_api_serves_every_route_from_the_cache() {
    let stack = Stack::start().await;
    let asked = async |path: &str| {
        let answer = stack.get_as("jill", "Rest", path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()["event"]["requestContext"]["authorizer"]["asked"].clone()
    };
    assert_eq!(asked("/whole/a?tenant=x").await, "1");
    assert_eq!(asked("/whole/b/c?tenant=x").await, "1", "the same caller");
    assert_eq!(
        asked("/whole/a?tenant=y").await,
        "2",
        "another value of an identity source"
    );
    stack.stop().await;
}

#[tokio::test]
async fn every_identity_source_has_to_be_there() {
    let stack = Stack::start().await;
    assert_eq!(stack.get_as("jill", "Rest", "/whole/a").await.status, 401);
    assert_eq!(
        stack
            .get_as("jill", "Rest", "/whole/a?tenant=")
            .await
            .status,
        401
    );
    assert_eq!(stack.get("Rest", "/whole/a?tenant=x").await.status, 401);
    assert_eq!(stack.invocations().len(), 0);
    stack.stop().await;
}

#[tokio::test]
async fn without_a_cache_the_authorizer_is_asked_each_time() {
    let stack = Stack::start().await;
    for times in ["1", "2"] {
        let answer = stack.get("Rest", "/uncached").await;
        assert_eq!(
            answer.json()["event"]["requestContext"]["authorizer"]["asked"],
            times
        );
    }
    stack.stop().await;
}

#[tokio::test]
async fn what_only_aws_can_check_refuses_everybody() {
    let stack = Stack::start().await;
    assert_eq!(stack.get_as("jill", "Rest", "/managed").await.status, 500);
    let heard = stack.heard();
    assert!(
        heard
            .iter()
            .all(|happening| !matches!(happening, countersign_offline::Happening::Invocation(_)))
    );
    stack.stop().await;
}

#[tokio::test]
async fn the_token_is_found_whatever_the_letters_of_its_header() {
    let stack = Stack::start().await;
    for name in ["authorization", "AUTHORIZATION"] {
        let request = stack
            .request("GET", "Rest", "/private")
            .header(name, "Bearer jill");
        assert_eq!(send(request).await.status, 200, "{name}");
    }
    stack.stop().await;
}
