//! The committed dashboard asks for metrics that there are, by labels that they have.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::account::login;
use crate::support::{Account, Server};

const DASHBOARD: &str = include_str!("../../../../deploy/grafana/dashboards/countersign.json");
/// Only a store on a network has these; the tests of the engines look at them.
const ON_A_NETWORK: &[&str] = &[
    "countersign_store_connections_total",
    "countersign_store_turned_away_total",
];
/// Labels that Prometheus adds.
const ADDED: &[&str] = &["job", "instance", "le"];
const FUNCTIONS: &[&str] = &[
    "sum",
    "rate",
    "increase",
    "max",
    "count",
    "by",
    "or",
    "vector",
    "histogram_quantile",
    "label_values",
];

/// The queries of a dashboard, wherever they stand.
fn queries(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "expr" => found.push(text.clone()),
                    Value::String(text) if name == "query" && text.contains('(') => {
                        found.push(text.clone());
                    }
                    other => queries(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| queries(item, found)),
        _ => {}
    }
}

/// The words of a query outside of quotes and of ranges.
fn words(query: &str) -> BTreeSet<String> {
    let outside: String = query.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    let outside: String = outside
        .split('[')
        .enumerate()
        .map(|(n, part)| {
            if n == 0 {
                part
            } else {
                part.split_once(']').unwrap().1
            }
        })
        .collect();
    outside
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
        .map(str::to_owned)
        .collect()
}

/// Each metric with the labels that its series have.
fn series(metrics: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut series: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in metrics
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let name = line.split(['{', ' ']).next().unwrap();
        let labels = series.entry(name.to_owned()).or_default();
        let inside = line
            .split_once('{')
            .and_then(|(_, rest)| rest.rsplit_once('}'));
        for pair in inside.map_or("", |(inside, _)| inside).split("\",") {
            if let Some((label, _)) = pair.split_once('=') {
                labels.insert(label.trim_matches(',').to_owned());
            }
        }
    }
    series
}

#[test]
fn every_query_of_the_dashboard_is_about_metrics_and_labels_that_there_are() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let mut ada = Account::sign_up(&server, "ada");
    server.post("/v1/login", &login(&ada.email)).expect(200);
    assert_eq!(ada.refresh(&mut server.connect()).unwrap(), 200);
    let series = series(&server.ops("/metrics").expect(200).body);
    server.stop();

    let mut found = Vec::new();
    queries(&serde_json::from_str(DASHBOARD).unwrap(), &mut found);
    assert!(found.len() > 25, "{found:?}");
    let mut used = BTreeSet::new();
    for query in &found {
        let words = words(query);
        let is_metric = |word: &&String| {
            ["http_", "countersign_", "process_"]
                .iter()
                .any(|start| word.starts_with(start))
        };
        let metrics: Vec<_> = words.iter().filter(is_metric).collect();
        assert!(!metrics.is_empty(), "{query}");
        let mut labels: BTreeSet<&str> = ADDED.iter().copied().collect();
        for metric in &metrics {
            used.insert((*metric).clone());
            if ON_A_NETWORK.contains(&metric.as_str()) {
                labels.insert("state");
                continue;
            }
            let has = series.get(*metric);
            assert!(has.is_some(), "there is no {metric}: {query}");
            labels.extend(has.unwrap().iter().map(String::as_str));
        }
        for word in words.iter().filter(|word| !metrics.contains(word)) {
            let is_known = FUNCTIONS.contains(&word.as_str()) || labels.contains(word.as_str());
            assert!(is_known, "{word} is no label of {metrics:?}: {query}");
        }
    }
    // Those that this server does not have are described by the code that counts them.
    let source = include_str!("../../src/serve/metrics.rs");
    for metric in ON_A_NETWORK {
        assert!(
            used.contains(*metric) && source.contains(metric),
            "{metric}"
        );
    }
}
