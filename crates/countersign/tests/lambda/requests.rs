//! What stands in an event arrives, and what stands in an answer gets out, whatever the gateway.

use std::time::Duration;

use serde_json::json;

use crate::event::{Event, Kind};
use crate::function::Function;

fn function() -> (tempfile::TempDir, Function) {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    (dir, function)
}

#[test]
fn a_body_in_base64_is_the_same_body() {
    let (_dir, function) = function();
    for kind in Kind::ALL {
        let nobody = json!({ "identifier": "nobody", "password": "wrong-horse-battery" });
        let event = Event::post(kind, "/v1/login", &nobody).base64();
        let answer = function.send(&event).expect(401);
        assert_eq!(answer.json()["code"], "invalid_credentials", "{kind:?}");
    }
}

#[test]
fn bytes_that_are_no_text_get_out_as_they_are() {
    let (_dir, function) = function();
    for kind in Kind::ALL {
        let script = function
            .send(&Event::get(kind, "/graphiql/graphiql.js"))
            .expect(200);
        assert_eq!(script.header("content-encoding"), Some("gzip"));
        assert_eq!(script.body[..2], [0x1f, 0x8b], "{kind:?}");
        assert!(script.body.len() > 10_000);
    }
}

#[test]
fn head_has_headers_and_no_body_and_an_empty_body_is_none() {
    let (_dir, function) = function();
    for kind in Kind::ALL {
        let head = Event::new(kind, "HEAD", "/.well-known/jwks.json");
        let head = function.send(&head).expect(200);
        assert!(head.body.is_empty());
        assert!(head.header("etag").is_some());
        let empty =
            Event::new(kind, "POST", "/v1/login").header("content-type", "application/json");
        let empty = function.send(&empty).expect(400);
        assert_eq!(empty.json()["code"], "invalid_json", "{kind:?}");
        function
            .send(&Event::new(kind, "DELETE", "/v1/login"))
            .expect(405);
    }
}

#[test]
fn more_headers_than_any_request_has_are_refused() {
    let (_dir, function) = function();
    for kind in Kind::ALL {
        let mut event = Event::get(kind, "/v1/me");
        for number in 0..40_000 {
            event = event.header(&format!("h{number}"), "x");
        }
        function.send(&event).expect(400);
    }
}

/// A request with two tokens is a confusion that somebody may have made on purpose: a library that keeps
/// the last one hides it.
#[test]
fn two_authorization_headers_are_refused_wherever_the_gateway_passes_both_on() {
    let (_dir, function) = function();
    for kind in Kind::ALL {
        let two = Event::get(kind, "/v1/me").bearer("one").bearer("two");
        let answer = function.send(&two);
        match kind {
            // The load balancer gives the last one alone; the others give both as one, with a comma
            // in it, which is no token.
            Kind::LoadBalancer | Kind::HttpApi | Kind::FunctionUrl => answer.expect(401),
            Kind::RestApi | Kind::HttpApi1 | Kind::LoadBalancerMany => answer.expect(400),
        };
    }
}

/// Decoding a query as a whole would turn a value's `%26` into the beginning of another parameter.
#[test]
fn a_parameter_stays_one_parameter_with_all_its_characters() {
    let (_dir, function) = function();
    for kind in Kind::ALL {
        let smuggled = Event::get(kind, "/v1/me").query("x", "1&access_token=a=b+c é");
        let answer = function.send(&smuggled).expect(401);
        assert_eq!(answer.json()["code"], "unauthenticated", "{kind:?}");
        // The same parameter for real is refused for what it is.
        let real = Event::get(kind, "/v1/me").query("access_token", "a");
        let answer = function.send(&real).expect(400);
        assert_eq!(answer.json()["code"], "invalid_request", "{kind:?}");
    }
}

/// HTTP APIs decode a path: `%3F` in it would begin a query that nothing in front has seen.
#[test]
fn a_question_mark_in_a_path_begins_no_query() {
    let (_dir, function) = function();
    for kind in Kind::ALL {
        let path = "/.well-known/jwks.json?access_token=a";
        function.send(&Event::get(kind, path)).expect(404);
    }
}

#[test]
fn every_value_of_a_header_gets_out() {
    let dir = tempfile::tempdir().unwrap();
    let page = "https://app.example.com";
    let function = Function::start(dir.path(), &[("HTTP_CORS_ORIGINS", page)]);
    for kind in Kind::ALL {
        let answer = function.send(&Event::get(kind, "/v1/me").header("origin", page));
        let varies_by = answer.all("vary").join(", ");
        for name in ["authorization", "origin"] {
            assert!(varies_by.contains(name), "{kind:?}: {varies_by}");
        }
    }
}

#[test]
fn what_is_no_request_is_answered_or_refused_and_says_nothing_of_what_it_held() {
    let (_dir, function) = function();
    for kind in Kind::ALL {
        let mut event = Event::get(kind, "/v1/me").header("x", "a\nb-secret").json();
        let outcome = function.invoke(&event, Duration::from_secs(20));
        assert_eq!(outcome.body["statusCode"], 400, "{kind:?}: {outcome:?}");
        assert!(!outcome.body.to_string().contains("secret"));
        event = Event::post(kind, "/v1/login", &json!({})).json();
        event["body"] = "not base64: secret".into();
        event["isBase64Encoded"] = true.into();
        let outcome = function.invoke(&event, Duration::from_secs(20));
        assert_eq!(outcome.body["statusCode"], 400, "{kind:?}: {outcome:?}");
        let strange = function.send(&Event::get(kind, "//v1/../a b\u{e9}?#%zz"));
        assert_eq!(strange.status, 404, "{kind:?}");
    }
    for event in [
        json!({}),
        json!([1]),
        json!("secret"),
        json!({ "source": "secret" }),
        json!({ "Records": [{ "body": "secret" }] }),
        json!({ "version": "2.0", "requestContext": {} }),
    ] {
        let outcome = function.invoke(&event, Duration::from_secs(20));
        assert!(outcome.is_error, "{event}");
        assert_eq!(outcome.body["errorType"], "UnknownEvent", "{outcome:?}");
    }
    assert!(!function.log().contains("secret"), "{}", function.log());
}
