//! What each invocation says of itself: one line, and metrics for `CloudWatch`.

use serde_json::{Value, json};

use crate::event::{Event, Kind};
use crate::function::Function;

const PASSWORD: &str = "correct-Horse-battery-9-staple";

#[test]
fn the_first_invocation_was_cold_and_says_how_long_the_start_took_and_no_other_does() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    for n in 1..=3 {
        let answer = function
            .send(&Event::get(Kind::HttpApi, "/v1/me"))
            .expect(401);
        let line = function.last_line();
        let request = &line["span"];
        assert_eq!(request["function"], "auth", "{line}");
        assert_eq!(request["aws_request_id"], format!("aws-request-{n}"));
        assert_eq!(answer.header("x-request-id"), request["id"].as_str());
        assert_eq!(request["method"], "GET");
        assert_eq!(request["route"], "/v1/me");
        assert_eq!(line["status"], 401);
        assert_eq!(line["outcome"], "refused");
        assert_eq!(line["level"], "INFO");
        assert!(line["took_ms"].as_f64().unwrap() > 0.0);
        assert!(line["memory_mb"].as_u64().unwrap() > 1);
        assert_eq!(line["cold"], n == 1);
        assert_eq!(line["init_ms"].is_number(), n == 1, "{line}");

        let metrics = function.metrics();
        let metrics = metrics.last().unwrap();
        assert_eq!(metrics["function"], "auth");
        assert_eq!(metrics["route"], "GET /v1/me");
        assert_eq!(metrics["ColdStarts"], u8::from(n == 1));
        assert_eq!(metrics["Errors"], 0);
        let directive = &metrics["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "Countersign");
    }
    assert_eq!(function.metrics().len(), 3);
}

#[test]
fn what_was_asked_for_by_a_made_up_address_or_method_makes_no_metric_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    for n in 0..5 {
        let method = format!("METHOD{n}");
        let event = Event::new(Kind::HttpApi, &method, &format!("/made/up/{n}"));
        function.send(&event).expect(404);
    }
    for metrics in function.metrics() {
        assert_eq!(metrics["route"], "other unmatched");
    }
}

#[test]
fn a_function_that_was_started_ahead_had_nobody_wait() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::started_ahead(dir.path());
    function.send(&Event::get(Kind::HttpApi, "/")).expect(200);
    assert_eq!(function.last_line()["cold"], false);
}

/// Lambda's own client logs whole events at the level `trace`.
#[test]
fn no_line_holds_a_secret_at_any_level() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[("LOG_LEVEL", "trace")]);
    let person = json!({ "email": "ada@secret.example", "password": PASSWORD });
    let made = function
        .send(&Event::post(Kind::RestApi, "/v1/register", &person))
        .expect(201)
        .json();
    let access = made["access_token"].as_str().unwrap();
    function
        .send(&Event::get(Kind::HttpApi, "/v1/me").bearer(access))
        .expect(200);
    let told = format!("{}\n{:?}", function.log(), function.metrics());
    for secret in [
        PASSWORD,
        "ada@secret",
        access,
        made["refresh_token"].as_str().unwrap(),
    ] {
        assert!(!told.contains(secret), "{secret}");
    }
}

/// A trace that X-Ray records is continued: its id is in the line.
#[test]
fn the_line_names_the_trace_that_x_ray_records() {
    let dir = tempfile::tempdir().unwrap();
    let sampled = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    let function = Function::start(dir.path(), &[]).traced(sampled);
    // A client's own header changes nothing.
    let event = Event::get(Kind::HttpApi, "/").header(
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
    );
    function.send(&event).expect(200);
    let line = function.last_line();
    let id: &Value = &line["span"]["trace_id"];
    assert_eq!(id, "5759e988bd862e3fe1be46a994272793", "{line}");
}
