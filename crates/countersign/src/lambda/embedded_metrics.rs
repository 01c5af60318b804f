//! Metrics as `CloudWatch` takes them from a log line (its embedded metric format): no call, no agent, and
//! nothing between requests. By function, and by function and route; both are few.

use std::io::Write as _;
use std::time::Duration;

use countersign_domain::time::Timestamp;
use countersign_web::Start;
use serde_json::json;

/// The namespace of all metrics of ours.
const NAMESPACE: &str = "Countersign";

/// One invocation, as it is counted.
pub(super) struct Counted<'a> {
    pub(super) function: &'a str,
    /// Method and route, or what else was asked for.
    pub(super) route: &'a str,
    pub(super) is_error: bool,
    pub(super) took: Duration,
    pub(super) start: Start,
}

/// Writes the line on the standard output.
pub(super) fn write(counted: &Counted<'_>, now: Timestamp) {
    let line = line(counted, now);
    // Whoever does not read it is served all the same.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn line(counted: &Counted<'_>, now: Timestamp) -> serde_json::Value {
    let mut metrics = vec![
        json!({ "Name": "Invocations", "Unit": "Count" }),
        json!({ "Name": "Errors", "Unit": "Count" }),
        json!({ "Name": "Duration", "Unit": "Milliseconds" }),
        json!({ "Name": "ColdStarts", "Unit": "Count" }),
    ];
    if counted.start.is_cold() {
        metrics.push(json!({ "Name": "InitDuration", "Unit": "Milliseconds" }));
    }
    let mut line = json!({
        "_aws": {
            "Timestamp": now.as_millis(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["function"], ["function", "route"]],
                "Metrics": metrics,
            }],
        },
        "function": counted.function,
        "route": counted.route,
        "Invocations": 1,
        "Errors": u8::from(counted.is_error),
        "Duration": millis(counted.took),
        "ColdStarts": u8::from(counted.start.is_cold()),
    });
    if let (Some(init), Some(members)) = (counted.start.init(), line.as_object_mut()) {
        members.insert("InitDuration".to_owned(), millis(init).into());
    }
    line
}

/// In milliseconds, to the hundredth.
fn millis(span: Duration) -> f64 {
    (span.as_secs_f64() * 100_000.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_that_a_line_declares_is_in_it_and_so_is_every_dimension() {
        for start in [Start::Warm, Start::Cold(Duration::from_millis(7))] {
            let counted = Counted {
                function: "auth",
                route: "POST /v1/login",
                is_error: true,
                took: Duration::from_micros(1234),
                start,
            };
            let line = line(&counted, Timestamp::from_seconds(1));
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            for metric in directive["Metrics"].as_array().unwrap() {
                assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{line}");
            }
            for dimension in directive["Dimensions"][1].as_array().unwrap() {
                assert!(line[dimension.as_str().unwrap()].is_string(), "{line}");
            }
            assert_eq!(line["Duration"], 1.23);
            assert_eq!(line["_aws"]["Timestamp"], 1000);
            assert_eq!(line["InitDuration"].is_number(), start.is_cold());
        }
    }
}
