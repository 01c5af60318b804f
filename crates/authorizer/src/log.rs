//! The log: one line for each invocation, whatever libraries warn of besides, and metrics as `CloudWatch` takes them from
//! a line (its embedded metric format). All JSON, on the standard output; never a token, nor a user.

use std::io::Write as _;
use std::time::Duration;

use countersign_verify::lambda::Outcome;
use countersign_verify::{Clock as _, SystemClock};
use serde_json::{Value, json};
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::measure::millis;

/// Whether an invocation is the first of its process.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Start {
    /// It is, and the process took so long to be ready for it.
    Cold(Duration),
    Warm,
}

/// One invocation, as it is told.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) function: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) method: Option<&'a str>,
    pub(crate) route: &'a str,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<&'a str>,
    pub(crate) took: Duration,
    pub(crate) start: Start,
    pub(crate) memory: Option<f64>,
}

/// Begins to log.
pub(crate) fn start() {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_span_list(false);
    let levels = Targets::new()
        .with_default(Level::WARN)
        // It would tell every refusal a second time, as an error.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
        .with_target("authorizer", Level::INFO);
    // Only a second one would fail, and there is none.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(levels)
        .try_init();
}

/// Writes the line of an invocation, and its metrics.
pub(crate) fn tell(told: &Told<'_>) {
    let (cold, init) = match told.start {
        Start::Cold(init) => (true, Some(millis(init))),
        Start::Warm => (false, None),
    };
    tracing::info!(
        function = told.function,
        kind = told.kind,
        method = told.method,
        route = told.route,
        status = told.outcome.status(),
        outcome = told.outcome.as_str(),
        reason = told.reason,
        took_ms = millis(told.took),
        cold,
        init_ms = init,
        memory_mb = told.memory,
        "answered"
    );
    // Whoever does not read it is served all the same.
    let _ = writeln!(
        std::io::stdout().lock(),
        "{}",
        metrics(told, SystemClock.unix_seconds())
    );
}

fn metrics(told: &Told<'_>, now: i64) -> Value {
    let mut line = json!({
        "function": told.function,
        "route": told.route,
        "Invocations": 1,
        "Errors": u8::from(told.outcome == Outcome::Failed),
        "Refused": u8::from(matches!(told.outcome, Outcome::Denied | Outcome::Unauthorized)),
        "Duration": millis(told.took),
        "ColdStarts": u8::from(matches!(told.start, Start::Cold(_))),
    });
    let mut declared = vec![
        json!({ "Name": "Invocations", "Unit": "Count" }),
        json!({ "Name": "Errors", "Unit": "Count" }),
        json!({ "Name": "Refused", "Unit": "Count" }),
        json!({ "Name": "Duration", "Unit": "Milliseconds" }),
        json!({ "Name": "ColdStarts", "Unit": "Count" }),
    ];
    let Some(members) = line.as_object_mut() else {
        return line;
    };
    if let Start::Cold(init) = told.start {
        members.insert("InitDuration".into(), millis(init).into());
        declared.push(json!({ "Name": "InitDuration", "Unit": "Milliseconds" }));
    }
    let directive = json!({
        "Timestamp": now.saturating_mul(1_000),
        "CloudWatchMetrics": [{
            "Namespace": "Countersign",
            "Dimensions": [["function"], ["function", "route"]],
            "Metrics": declared,
        }],
    });
    members.insert("_aws".into(), directive);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_and_dimension_that_a_line_declares_is_in_it() {
        for start in [Start::Warm, Start::Cold(Duration::from_millis(3))] {
            let told = Told {
                function: "authorizer",
                kind: "rest_token",
                method: Some("GET"),
                route: "GET /me",
                outcome: Outcome::Failed,
                reason: None,
                took: Duration::from_micros(300),
                start,
                memory: None,
            };
            let line = metrics(&told, 1_800_000_000);
            let declared = &line["_aws"]["CloudWatchMetrics"][0];
            for metric in declared["Metrics"].as_array().unwrap() {
                assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{line}");
            }
            for dimension in declared["Dimensions"][1].as_array().unwrap() {
                assert!(line[dimension.as_str().unwrap()].is_string(), "{line}");
            }
            assert_eq!(
                (&line["Errors"], &line["_aws"]["Timestamp"]),
                (&json!(1), &json!(1_800_000_000_000_i64))
            );
        }
    }
}
