//! Where the token may be in an event, and where it may not.

use countersign_verify::lambda::{Outcome, TokenPlaces};
use serde_json::{Value, json};

use crate::setting::{World, decide, event};

fn allowed(outcome: Outcome) -> bool {
    outcome == Outcome::Allowed
}

/// auth0-samples/jwt-rsa-aws-custom-authorizer: gateways send the header in the client's spelling.
#[tokio::test]
async fn the_header_is_found_in_any_case_of_letters() {
    let world = World::new();
    let token = world.token("users:read");
    for (name, scheme, good) in [
        ("authorization", "Bearer ", true),
        ("Authorization", "bearer ", true),
        ("AUTHORIZATION", "BEARER ", true),
        ("Authorization", "", false),
        ("Authorization", "Token ", false),
        ("Authorization", "Bearer: ", false),
        ("X-Authorization", "Bearer ", false),
    ] {
        for kind in ["rest_request", "http_1", "http_2"] {
            let mut event = event(kind, "x");
            event["headers"] = json!({ (name): format!("{scheme}{token}") });
            event["multiValueHeaders"] = Value::Null;
            if kind != "rest_request" {
                event["identitySource"] = json!([format!("{scheme}{token}")]);
            }
            let outcome = decide(&world.authorizer(), event).await.outcome();
            assert_eq!(allowed(outcome), good, "{kind} {name}: {scheme}");
        }
    }
}

#[tokio::test]
async fn two_tokens_are_refused_wherever_they_are() {
    let world = World::new();
    let token = world.token("users:read");
    let places = TokenPlaces::header_only().or_cookie("session");
    let authorizer = world.authorizer().with_token_places(places);
    let bearer = format!("Bearer {token}");
    let mut twice = event("rest_request", &token);
    twice["multiValueHeaders"]["authorization"] = json!([bearer, bearer]);
    let mut spelled = event("rest_request", &token);
    spelled["multiValueHeaders"]["Authorization"] = json!([bearer]);
    let mut joined = event("http_2", &token);
    joined["headers"]["authorization"] = json!(format!("{bearer},{bearer}"));
    let mut parameter = event("http_2", &token);
    parameter["rawQueryString"] = json!(format!("access%5Ftoken={token}"));
    let mut cookie = event("http_2", &token);
    cookie["cookies"] = json!([format!("session={token}")]);
    for event in [twice, spelled, joined, parameter, cookie] {
        let decision = decide(&authorizer, event.clone()).await;
        assert_eq!(decision.outcome(), Outcome::Unauthorized, "{event}");
    }
}

#[tokio::test]
async fn a_cookie_counts_only_where_it_is_switched_on() {
    let world = World::new();
    let token = world.token("users:read");
    let mut http = event("http_2", "x");
    http["headers"] = json!({});
    http["cookies"] = json!(["a=b", format!("session={token}")]);
    http["identitySource"] = json!([format!("a=b; session={token}")]);
    let mut rest = event("rest_request", "x");
    rest["multiValueHeaders"] = json!({"cookie": [format!("a=b; session={token}")]});
    rest["headers"] = Value::Null;
    let with = world
        .authorizer()
        .with_token_places(TokenPlaces::header_only().or_cookie("session"));
    for event in [http, rest] {
        let off = decide(&world.authorizer(), event.clone()).await;
        assert_eq!(
            (off.outcome(), off.reason()),
            (Outcome::Unauthorized, Some("token_required"))
        );
        assert!(allowed(decide(&with, event).await.outcome()));
    }
}

#[tokio::test]
async fn a_websocket_may_bring_its_token_in_the_query_or_a_protocol_if_switched_on() {
    let world = World::new();
    let token = world.token("chat");
    let mut query = event("websocket", "x");
    query["headers"] = json!({});
    query["multiValueHeaders"] = json!({});
    let mut protocol = query.clone();
    query["queryStringParameters"] = json!({"access_token": token});
    query["multiValueQueryStringParameters"] = json!({"access_token": [token]});
    protocol["multiValueHeaders"] =
        json!({"Sec-WebSocket-Protocol": [format!("graphql-transport-ws, bearer.{token}")]});
    let plain = TokenPlaces::header_only;
    for (places, by_query, by_protocol) in [
        (plain(), false, false),
        (plain().or_websocket_query(), true, false),
        (plain().or_websocket_protocol(), false, true),
    ] {
        let authorizer = world.authorizer().with_token_places(places);
        assert_eq!(
            allowed(decide(&authorizer, query.clone()).await.outcome()),
            by_query
        );
        assert_eq!(
            allowed(decide(&authorizer, protocol.clone()).await.outcome()),
            by_protocol
        );
    }
    // Never elsewhere: an address of an HTTP API ends up in more logs than that of a WebSocket.
    let mut rest = event("rest_request", "x");
    rest["headers"] = Value::Null;
    rest["multiValueHeaders"] = Value::Null;
    rest["queryStringParameters"] = json!({"access_token": world.token("users:read")});
    rest["multiValueQueryStringParameters"] = Value::Null;
    let authorizer = world
        .authorizer()
        .with_token_places(plain().or_websocket_query());
    assert_eq!(
        decide(&authorizer, rest).await.reason(),
        Some("token_in_parameter")
    );
}
