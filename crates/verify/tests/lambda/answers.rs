//! The whole answer to each kind of question, and what makes it another one.

use countersign_verify::lambda::{Authorizer, Event, EventError, Failure, Kind, Outcome};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::common::{NOW, key, token_of};
use crate::setting::{EVENTS, ROUTES, World, answer, caller, decide, event, routes};

#[tokio::test]
async fn each_gateway_is_answered_in_its_own_form() {
    let world = World::new();
    let authorizer = world.authorizer();
    let token = world.token("users:read chat");
    for name in EVENTS {
        let answer = answer(&authorizer, event(name, &token)).await;
        assert_json_snapshot!(name, answer);
    }
}

#[test]
fn each_event_is_told_by_its_shape() {
    let kinds = [
        Kind::RestToken,
        Kind::RestRequest,
        Kind::Http1,
        Kind::Http2,
        Kind::WebSocket,
        Kind::AppSync,
    ];
    for (name, kind) in EVENTS.into_iter().zip(kinds) {
        let event = Event::from_value(event(name, "x")).unwrap();
        assert_eq!(event.kind(), kind);
        assert_eq!(event.method().is_none(), kind == Kind::AppSync);
    }
    for (event, error) in [
        (json!([]), EventError::Malformed),
        (json!({}), EventError::UnknownShape),
        (
            json!({"version": "2.0", "routeKey": "GET /"}),
            EventError::UnknownShape,
        ),
        (
            json!({"type": "REQUEST", "version": "3.0"}),
            EventError::UnknownShape,
        ),
        (
            json!({"type": "TOKEN", "authorizationToken": "x"}),
            EventError::NoMethod,
        ),
        (
            json!({"type": "TOKEN", "methodArn": "*"}),
            EventError::NoMethod,
        ),
        (
            json!({"type": "TOKEN", "methodArn": 7}),
            EventError::Malformed,
        ),
    ] {
        assert_eq!(
            Event::from_value(event.clone()).unwrap_err(),
            error,
            "{event}"
        );
    }
}

#[tokio::test]
async fn without_a_good_token_the_error_is_unauthorized_and_nothing_else() {
    let world = World::new();
    let authorizer = world.authorizer();
    let mut old = caller("");
    (old.iat, old.exp) = (NOW - 700, NOW - 10);
    let stranger = token_of(&key(), &caller("users:read"));
    for token in [&token_of(&world.key, &old), &stranger, "x", ""] {
        for name in EVENTS {
            let decision = decide(&authorizer, event(name, token)).await;
            assert_eq!(decision.outcome(), Outcome::Unauthorized, "{name} {token}");
            let answer = answer(&authorizer, event(name, token)).await;
            if name == "appsync" {
                assert_eq!(answer, json!({"isAuthorized": false, "ttlOverride": 0}));
            } else {
                assert_eq!(answer, "Unauthorized", "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_missing_scope_is_an_answer_that_denies() {
    let world = World::new();
    let authorizer = world.authorizer();
    let token = world.token("profile:read");
    for name in EVENTS.into_iter().filter(|name| *name != "appsync") {
        let decision = decide(&authorizer, event(name, &token)).await;
        assert_eq!(
            (decision.outcome(), decision.reason()),
            (Outcome::Denied, Some("not_permitted")),
            "{name}"
        );
        assert!(decision.into_answer().is_ok());
    }
    let token = world.token("users:read");
    let denied = answer(&authorizer, event("appsync", &token)).await;
    assert_eq!(denied["deniedFields"], json!(["Mutation.addComment"]));
}

#[tokio::test]
async fn what_appsync_keeps_ends_with_the_token() {
    let world = World::new();
    let authorizer = world.authorizer();
    let token = world.token("");
    let ttl = async || answer(&authorizer, event("appsync", &token)).await["ttlOverride"].clone();
    assert_eq!(ttl().await, 300);
    world.clock.advance(500);
    assert_eq!(ttl().await, 100);
    world.clock.advance(100);
    assert_eq!(ttl().await, 0);
}

#[tokio::test]
async fn the_context_is_strings_and_bounded() {
    let world = World::new();
    let mut claims = caller("users:read");
    claims.roles = vec!["editor".into(), "not an admin".into(), "x".repeat(3000)];
    let token = token_of(&world.key, &claims);
    let answer = answer(&world.authorizer(), event("rest_token", &token)).await;
    let context = answer["context"].as_object().unwrap();
    assert!(context.values().all(Value::is_string));
    assert_eq!(context["omitted"], "roles");
    claims.roles = vec!["editor".into(), "not an admin".into()];
    let token = token_of(&world.key, &claims);
    let answer = crate::setting::answer(&world.authorizer(), event("rest_token", &token)).await;
    assert_eq!(answer["context"]["roles"], "editor");
}

#[tokio::test]
async fn a_policy_that_is_too_large_fails_rather_than_being_cut() {
    let world = World::new();
    let authorizer = Authorizer::new(world.verifier(), routes(ROUTES))
        .unwrap()
        .with_max_policy_bytes(300);
    let token = world.token("users:read");
    let decision = decide(&authorizer, event("rest_token", &token)).await;
    assert_eq!(
        (decision.outcome(), decision.reason()),
        (Outcome::Failed, Some("policy_too_large"))
    );
    assert!(
        decision
            .into_answer()
            .unwrap_err()
            .message()
            .contains("use fewer routes")
    );
}

/// Routes say nothing of fields, and a yes without denied fields would open them all.
#[tokio::test]
async fn appsync_is_refused_where_no_field_is_listed() {
    let world = World::new();
    let token = world.token("users:read");
    let authorizer = Authorizer::new(world.verifier(), routes(ROUTES)).unwrap();
    let decision = decide(&authorizer, event("appsync", &token)).await;
    assert_eq!(decision.outcome(), Outcome::Failed);
    assert_eq!(decision.into_answer().unwrap_err(), Failure::FieldsNotSet);
}
