//! What a gateway does with an answer that it keeps. Each class of faults that shipped elsewhere has its test.

use countersign_verify::lambda::{Authorizer, GatewayCache, Outcome, RouteMistake};
use serde_json::{Value, json};

use crate::common::NOW;
use crate::iam::allows;
use crate::setting::{ROUTES, World, answer, decide, event, routes};

const BASE: &str = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/";

async fn policy(world: &World, scopes: &str, call: &str) -> Value {
    let mut event = event("rest_token", &world.token(scopes));
    event["methodArn"] = json!(format!("{BASE}{call}"));
    answer(&world.authorizer(), event).await
}

/// auth0-samples/jwt-rsa-aws-custom-authorizer#8, serverless/serverless#6176: the policy named the one method that was
/// called, and the gateway then refused every other route for as long as it kept it.
#[tokio::test]
async fn a_cached_policy_is_right_for_every_other_route() {
    let world = World::new();
    for first in ["GET/me", "GET/users/7", "DELETE/users/7", "PUT/nothing"] {
        let policy = policy(&world, "users:read files", first).await;
        for (call, allowed) in [
            ("GET/me", true),
            ("GET/users/7", true),
            ("GET/users/another", true),
            ("GET/users/me", false),
            ("GET/users", false),
            ("GET/users/", false),
            ("DELETE/users/7", false),
            ("GET/users/7/secrets", false),
            ("GET/users/7/unlisted/deeper", false),
            ("PUT/files/a/b/c", true),
            ("PUT/nothing", false),
            ("GET/", false),
            ("GET/files//x", false),
            ("GET/users/%6de", false),
            ("GET/users/jill%40example.com", true),
            ("GET/files/../users/me", false),
        ] {
            assert_eq!(
                allows(&policy, &format!("{BASE}{call}"), NOW),
                allowed,
                "{first}, then {call}"
            );
        }
        // Another API and another stage have nothing from it.
        assert!(!allows(
            &policy,
            "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/test/GET/me",
            NOW
        ));
        assert!(!allows(
            &policy,
            "arn:aws:execute-api:eu-west-1:123456789012:other/prod/GET/me",
            NOW
        ));
    }
}

/// The same class: an Allow that the gateway keeps for up to an hour.
#[tokio::test]
async fn a_cached_allow_ends_with_the_token() {
    let world = World::new();
    let policy = policy(&world, "users:read", "GET/users/7").await;
    let call = format!("{BASE}GET/users/7");
    assert!(allows(&policy, &call, NOW + 599));
    assert!(!allows(&policy, &call, NOW + 600));
    assert!(!allows(&policy, &call, NOW + 3_600));
}

#[tokio::test]
async fn an_unlisted_route_is_denied_though_a_wildcard_would_take_it() {
    let world = World::new();
    let call = "GET/users/7/unlisted";
    let mut event = event("rest_token", &world.token("users:read users:secrets"));
    event["methodArn"] = json!(format!("{BASE}{call}"));
    let decision = decide(&world.authorizer(), event.clone()).await;
    assert_eq!(
        (decision.outcome(), decision.reason()),
        (Outcome::Denied, Some("unlisted_route"))
    );
    assert!(!allows(
        &answer(&world.authorizer(), event).await,
        &format!("{BASE}{call}"),
        NOW
    ));
}

#[test]
fn simple_answers_that_a_cache_could_mix_up_are_refused_when_they_are_configured() {
    let world = World::new();
    let refused = |list: &[(&str, &str)], cache| {
        Authorizer::with_simple_answers(world.verifier(), routes(list), cache)
            .map(|_| ())
            .unwrap_err()
    };
    assert_eq!(
        refused(ROUTES, GatewayCache::ByToken(60)),
        [RouteMistake::OneRuleOnly]
    );
    let nested = [("ANY /{path+}", "a"), ("GET /admin", "b")];
    assert!(matches!(
        refused(&nested, GatewayCache::ByRoute(60))[0],
        RouteMistake::InsideAnother { .. }
    ));
    let fine = |list: &[(&str, &str)], cache| {
        assert!(Authorizer::with_simple_answers(world.verifier(), routes(list), cache).is_ok());
    };
    fine(&[("$default", "a")], GatewayCache::ByToken(60));
    fine(
        &[("ANY /{path+}", "a b"), ("GET /admin", "b")],
        GatewayCache::ByRoute(60),
    );
    fine(&nested, GatewayCache::ByPath(60));
    fine(&nested, GatewayCache::Off);
}

#[tokio::test]
async fn a_simple_answer_is_given_only_if_the_cache_is_keyed_as_said() {
    let world = World::new();
    let list = [
        ("GET /users/{id}", "users:read"),
        ("DELETE /users/{id}", "users:delete"),
    ];
    let authorizer =
        |cache| Authorizer::with_simple_answers(world.verifier(), routes(&list), cache).unwrap();
    let token = world.token("users:read");
    let asked = |source: Value| {
        let mut event = event("http_2", &token);
        event["identitySource"] = source;
        event
    };
    let bearer = format!("Bearer {token}");
    for (cache, source, good) in [
        (
            GatewayCache::ByPath(60),
            json!([bearer, "GET", "/users/7"]),
            true,
        ),
        (GatewayCache::ByPath(60), json!([bearer, "/users/7"]), false),
        (GatewayCache::ByPath(60), json!([bearer]), false),
        (GatewayCache::ByPath(60), Value::Null, false),
        (
            GatewayCache::ByRoute(60),
            json!([bearer, "GET /users/{id}"]),
            true,
        ),
        (GatewayCache::ByRoute(60), json!([bearer]), false),
        (GatewayCache::Off, Value::Null, true),
    ] {
        let decision = decide(&authorizer(cache), asked(source.clone())).await;
        let outcome = if good {
            Outcome::Allowed
        } else {
            Outcome::Failed
        };
        assert_eq!(decision.outcome(), outcome, "{cache:?} {source}");
    }
    let mut other = asked(json!([bearer, "DELETE", "/users/7"]));
    other["routeArn"] = json!(other["routeArn"].as_str().unwrap().replace("GET", "DELETE"));
    let denied = answer(&authorizer(GatewayCache::ByPath(60)), other).await;
    assert_eq!(denied["isAuthorized"], false);
}

/// HTTP APIs have given `/users/me/` to `GET /users/me`: the route that the gateway names counts too.
#[tokio::test]
async fn a_path_that_the_gateway_reads_as_a_narrower_route_takes_what_that_route_takes() {
    let world = World::new();
    let list = [
        ("$default", "users:read"),
        ("GET /users/me", "profile:read"),
    ];
    for (cache, scopes, allowed) in [
        (GatewayCache::Off, "users:read", false),
        (GatewayCache::Off, "users:read profile:read", true),
        (GatewayCache::ByPath(60), "users:read", false),
    ] {
        let authorizer =
            Authorizer::with_simple_answers(world.verifier(), routes(&list), cache).unwrap();
        for path in ["users/me/", "users/%6de"] {
            let token = world.token(scopes);
            let mut event = event("http_2", &token);
            event["identitySource"] = json!([format!("Bearer {token}"), "GET", format!("/{path}")]);
            event["routeKey"] = json!("GET /users/me");
            event["rawPath"] = json!(format!("/{path}"));
            event["routeArn"] = json!(format!("{BASE}GET/{path}"));
            let answer = answer(&authorizer, event).await;
            assert_eq!(answer["isAuthorized"], allowed, "{cache:?} {path} {answer}");
        }
    }
}

#[tokio::test]
async fn one_rule_for_all_routes_needs_no_particular_cache() {
    let world = World::new();
    for cache in [
        GatewayCache::Off,
        GatewayCache::ByToken(60),
        GatewayCache::ByRoute(60),
        GatewayCache::ByPath(60),
    ] {
        let map = routes(&[("$default", "users:read")]);
        let authorizer = Authorizer::with_simple_answers(world.verifier(), map, cache).unwrap();
        for (scopes, outcome) in [("users:read", Outcome::Allowed), ("other", Outcome::Denied)] {
            let token = world.token(scopes);
            let mut event = event("http_2", &token);
            event["identitySource"] = json!([format!("Bearer {token}")]);
            assert_eq!(
                decide(&authorizer, event).await.outcome(),
                outcome,
                "{cache:?}"
            );
        }
    }
}

/// CVE-2026-33496, CVE-2024-28197: a cache whose key leaves the caller out gives one caller's answer to all others.
#[tokio::test]
async fn an_answer_is_never_given_to_a_cache_whose_key_leaves_the_token_out() {
    let world = World::new();
    let list = [("GET /users/{id}", "users:read")];
    let simple =
        |cache| Authorizer::with_simple_answers(world.verifier(), routes(&list), cache).unwrap();
    let uniform = Authorizer::with_simple_answers(
        world.verifier(),
        routes(&[("$default", "users:read")]),
        GatewayCache::ByToken(60),
    );
    let token = world.token("users:read");
    let authorizers = [
        ("http_2", simple(GatewayCache::ByPath(60))),
        ("http_2", simple(GatewayCache::ByRoute(60))),
        ("http_2", uniform.unwrap()),
        ("http_2", world.authorizer()),
        ("http_1", world.authorizer()),
    ];
    for (name, authorizer) in &authorizers {
        let mut event = event(name, &token);
        assert_eq!(
            event["identitySource"].to_string().matches(&token).count(),
            1
        );
        event["identitySource"] = if *name == "http_2" {
            json!(["key of the client", "GET", "/users/7", "GET /users/{id}"])
        } else {
            json!("key of the client,GET")
        };
        let refused = decide(authorizer, event.clone()).await;
        assert_eq!(
            (refused.outcome(), refused.reason()),
            (Outcome::Failed, Some("wrong_identity_source")),
            "{authorizer:?}"
        );
    }
    // Without identity sources nothing is kept, and a policy is right.
    let mut event = event("http_2", &token);
    event["identitySource"] = Value::Null;
    let decision = decide(&world.authorizer(), event).await;
    assert_eq!(decision.outcome(), Outcome::Allowed);
}

/// A gateway that takes `/users/me/` for `/users/me` asks the policy about the former.
#[tokio::test]
async fn a_slash_at_the_end_of_a_denied_path_opens_nothing() {
    let world = World::new();
    let list = [
        ("GET /users/me", "profile:read"),
        ("GET /users/{id}", "users:read"),
        ("GET /users/{id}/posts", "users:read"),
    ];
    let authorizer = Authorizer::new(world.verifier(), routes(&list)).unwrap();
    let event = event("rest_token", &world.token("users:read"));
    let policy = answer(&authorizer, event).await;
    for (call, allowed) in [
        ("GET/users/7", true),
        ("GET/users/7/posts", true),
        ("GET/users/me", false),
        ("GET/users/me/", false),
    ] {
        let resource = format!("{BASE}{call}");
        assert_eq!(allows(&policy, &resource, NOW), allowed, "{call}");
    }
}

#[tokio::test]
async fn a_simple_answer_can_not_outlive_the_token() {
    let world = World::new();
    let cache = GatewayCache::ByToken(300);
    let map = routes(&[("$default", "")]);
    let authorizer = Authorizer::with_simple_answers(world.verifier(), map, cache).unwrap();
    let token = world.token("");
    let outcome = async || decide(&authorizer, event("http_2", &token)).await;
    world.clock.advance(300);
    assert_eq!(outcome().await.outcome(), Outcome::Allowed);
    world.clock.advance(1);
    let refused = outcome().await;
    assert_eq!(
        (refused.outcome(), refused.reason()),
        (Outcome::Unauthorized, Some("ends_before_the_cache_does"))
    );
}

/// A caller's answer must not serve another: nothing in it depends on who asked before.
#[tokio::test]
async fn two_callers_never_share_an_answer() {
    let world = World::new();
    let authorizer = world.authorizer();
    let (read, delete) = (world.token("users:read"), world.token("users:delete"));
    let first = answer(&authorizer, event("rest_token", &read)).await;
    let second = answer(&authorizer, event("rest_token", &delete)).await;
    let again = answer(&authorizer, event("rest_token", &read)).await;
    assert_eq!(first, again);
    assert_ne!(first["policyDocument"], second["policyDocument"]);
    assert_eq!(second["context"]["scope"], "users:delete");
}
