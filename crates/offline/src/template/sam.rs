//! AWS SAM templates: functions with their events, and function URLs. APIs are in `sam_api`.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::globals::merged;
use super::intrinsics::Resolver;
use super::sam_api::{self, Apis};
use super::values::text;
use super::{Choices, Place, api_gateway_v2};
use crate::stack::{Api, ApiKind, Function, Payload, Route, Stack, Target};

/// SAM's own default.
const TIMEOUT: u64 = 3;
const MEMORY_MB: u64 = 128;

pub(super) fn read(template: &Value, directory: &Path, choices: &Choices) -> Stack {
    let place = Place::default();
    let resolver = Resolver::new(template, &place, &choices.parameters);
    let mut stack = Stack::default();
    let resources = resolver.resources();
    let mut apis = Apis::read(&resolver, &resources, template, choices);
    stack.apis = api_gateway_v2::read(&resolver, &resources, choices.stage.as_deref());
    let globals = template
        .get("Globals")
        .and_then(|globals| globals.get("Function"));
    for (name, kind, properties) in resources {
        match kind {
            "AWS::Serverless::Function" => {
                let properties = resolver.resolve(&merged(globals, properties));
                stack
                    .functions
                    .push(function(name, &properties, template, directory, &resolver));
                events(name, &properties, &mut apis, &resolver);
                if let Some(url) = properties.get("FunctionUrlConfig") {
                    stack.apis.push(function_url(name, url, &resolver));
                }
            }
            "AWS::Lambda::Function" => {
                resolver.warn(format!(
                    "{name} is an AWS::Lambda::Function, whose code is not beside the template: left out"
                ));
            }
            _ => {}
        }
    }
    let mut found = apis.into_apis();
    found.append(&mut stack.apis);
    stack.apis = found;
    stack.warnings = resolver.into_warnings();
    stack
}

fn function(
    name: &str,
    properties: &Value,
    template: &Value,
    directory: &Path,
    resolver: &Resolver<'_>,
) -> Function {
    let of = |key: &str| properties.get(key).map(text).unwrap_or_default();
    if properties.get("Layers").is_some() {
        resolver.warn(format!("{name} has layers: they are left out"));
    }
    if of("PackageType") == "Image" {
        resolver.warn(format!(
            "{name} is an image: say how to run it with --function {name}=COMMAND"
        ));
    }
    if of("CodeUri").starts_with("s3://") || properties.get("InlineCode").is_some() {
        resolver.warn(format!(
            "{name} has its code elsewhere: say --function {name}=COMMAND"
        ));
    }
    let code = of("CodeUri");
    let variables = properties
        .get("Environment")
        .and_then(|all| all.get("Variables"));
    let variables = variables.and_then(Value::as_object).into_iter().flatten();
    Function {
        name: name.to_owned(),
        runtime: of("Runtime"),
        handler: of("Handler"),
        code: directory.join(if code.is_empty() { "." } else { &code }),
        cargo_lambda: cargo_lambda(name, template),
        environment: variables
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        timeout: Duration::from_secs(super::number(properties.get("Timeout")).unwrap_or(TIMEOUT)),
        memory_mb: super::number(properties.get("MemorySize")).unwrap_or(MEMORY_MB),
    }
}

/// The name under `target/lambda`, if the metadata says that `cargo lambda` builds it.
fn cargo_lambda(name: &str, template: &Value) -> Option<String> {
    let metadata = template.get("Resources")?.get(name)?.get("Metadata")?;
    let method = metadata.get("BuildMethod").map(text)?;
    let binary = metadata
        .get("BuildProperties")
        .and_then(|build| build.get("Binary"))
        .map(text);
    (method == "rust-cargolambda").then(|| binary.unwrap_or_else(|| name.to_lowercase()))
}

fn events(function: &str, properties: &Value, apis: &mut Apis, resolver: &Resolver<'_>) {
    let events = properties.get("Events").and_then(Value::as_object);
    for (name, event) in events.into_iter().flatten() {
        let properties = event.get("Properties").unwrap_or(&Value::Null);
        let kind = event.get("Type").map(text).unwrap_or_default();
        let (kind, api) = match kind.as_str() {
            "Api" => (ApiKind::Rest, properties.get("RestApiId")),
            "HttpApi" => (ApiKind::Http, properties.get("ApiId")),
            other => {
                resolver.warn(format!(
                    "{function}: event {name} is of type {other}: left out"
                ));
                continue;
            }
        };
        let path = properties.get("Path").map(text).unwrap_or_default();
        let verb = properties
            .get("Method")
            .map_or_else(|| "ANY".to_owned(), text);
        let payload = match kind {
            ApiKind::Rest => Payload::V1,
            _ => sam_api::payload(properties.get("PayloadFormatVersion")),
        };
        let own = properties
            .get("Auth")
            .and_then(|auth| auth.get("Authorizer"))
            .map(text);
        let route = Route {
            method: super::method(&verb),
            path: if path.is_empty() || path == "/$default" {
                "$default".to_owned()
            } else {
                path
            },
            target: Target::Function(function.to_owned()),
            payload,
            authorizer: own,
            wants_api_key: false,
        };
        let wants_api_key = properties
            .get("Auth")
            .and_then(|auth| auth.get("ApiKeyRequired"))
            .map(|value| super::is_true(Some(value)));
        apis.add(kind, api.map(text), route, wants_api_key, resolver);
    }
}

fn function_url(name: &str, url: &Value, resolver: &Resolver<'_>) -> Api {
    let mut api = sam_api::empty(&format!("{name}Url"), ApiKind::FunctionUrl, "$default");
    api.cors = url.get("Cors").and_then(super::cors::cors);
    let closed = url.get("AuthType") == Some(&json!("AWS_IAM"));
    let authorizer = closed.then(|| {
        resolver.warn(format!(
            "the URL of {name} asks for AWS_IAM: it refuses every request here"
        ));
        sam_api::unavailable(&mut api, "AWS_IAM")
    });
    api.routes.push(Route {
        method: "ANY".to_owned(),
        path: "$default".to_owned(),
        target: Target::Function(name.to_owned()),
        payload: Payload::V2,
        authorizer,
        wants_api_key: false,
    });
    api
}
