use std::collections::BTreeSet;

use countersign_domain::access::Rule;
use countersign_web::openapi::document;
use countersign_web::rest::declared;
use serde_json::{Map, Value, json};

use crate::support::Server;

fn parsed() -> Value {
    serde_json::from_str(&document()).unwrap()
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let committed = include_str!("../../../../docs/openapi.json");
    assert!(
        committed == document(),
        "docs/openapi.json is old: cargo run -p countersign-web --example openapi > docs/openapi.json"
    );
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let document = parsed();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let routes = declared();
    let routes: BTreeSet<_> = routes
        .iter()
        .map(|one| (one.method.to_string(), one.path.to_owned()))
        .collect();
    assert_eq!(described, routes);
}

#[test]
fn every_operation_says_who_may_call_it_and_how_it_fails() {
    let document = parsed();
    let mut ids = BTreeSet::new();
    for route in declared() {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap()),
            "{operation:#}"
        );
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')));
        let needs_token = route.rule != Rule::Public;
        for status in ["401", "403"] {
            assert!(
                !needs_token || responses.contains_key(status),
                "{route:?} {status}"
            );
        }
        match route.rule {
            Rule::Public => {}
            Rule::Scope(scope) | Rule::SessionWithScope(scope) => {
                assert_eq!(operation["security"], json!([{ "bearer": [scope] }]));
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, document: &Value) {
        if let Some(target) = value.get("$ref").and_then(Value::as_str) {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
        match value {
            Value::Object(members) => members.values().for_each(|one| walk(one, document)),
            Value::Array(items) => items.iter().for_each(|one| walk(one, document)),
            _ => {}
        }
    }
    let document = parsed();
    walk(&document, &document);
}

/// The examples go past the reader, and so does each member of a wrong type, by name: the reader
/// and the description are about the same members.
#[tokio::test]
async fn bodies_are_read_as_they_are_described() {
    let server = Server::start().await;
    let (root, bob) = (
        server.sign_up_admin("root").await,
        server.sign_up("bob").await,
    );
    let document = parsed();
    for route in declared() {
        let Some(example) = &route.body_example else {
            continue;
        };
        let path = route
            .path
            .replace("{id}", &bob.id)
            .replace("{name}", "editor");
        let send = |body: Value| {
            server
                .request(route.method.as_str(), &path)
                .bearer(&root.access_token)
                .json(&body)
                .send()
        };
        let schema = document["paths"][route.path][route.method.as_str().to_lowercase()]
            ["requestBody"]["content"]["application/json"]["schema"]
            .clone();
        let names: BTreeSet<String> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        let wrong: Map<String, Value> = names
            .iter()
            .map(|name| (name.clone(), json!({ "wrong": 1 })))
            .collect();
        let answer = send(wrong.into()).await.expect(422).json();
        let faults = answer["errors"].as_array().unwrap();
        let told: BTreeSet<String> = faults
            .iter()
            .inspect(|fault| assert_eq!(fault["code"], "wrong_type", "{route:?} {fault}"))
            .map(|fault| fault["pointer"].as_str().unwrap()[1..].to_owned())
            .collect();
        assert_eq!(told, names, "{route:?}");
        if let Some(required) = schema["required"].as_array() {
            let answer = send(json!({})).await.expect(422).json();
            assert_eq!(
                answer["errors"].as_array().unwrap().len(),
                required.len(),
                "{route:?}"
            );
        }
        let answer = send(example.clone()).await;
        let is_read = !["invalid_json", "invalid_input"].contains(&answer.code().as_str());
        assert!(is_read, "{route:?} {answer:?}");
    }
}
