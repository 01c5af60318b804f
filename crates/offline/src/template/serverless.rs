//! `serverless.yml` of the Serverless Framework: functions, their environment, their events. What
//! stands in front of a route is in `serverless_api`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::intrinsics::Resolver;
use super::serverless_api::Apis;
use super::serverless_variables::Variables;
use super::values::text;
use super::{Choices, Place};
use crate::stack::{Function, Stack};

/// The framework's own defaults.
const TIMEOUT: u64 = 6;
const MEMORY_MB: u64 = 1024;

pub(super) fn read(template: &Value, directory: &Path, choices: &Choices) -> Stack {
    let place = Place::default();
    let mut variables = Variables {
        template,
        directory,
        asked_stage: choices.stage.clone(),
        stage: choices.stage.clone().unwrap_or_else(|| "dev".to_owned()),
        region: place.region.clone(),
        options: &choices.parameters,
        environment: &choices.environment,
    };
    let of_provider = |key: &str, variables: &Variables<'_>| {
        let value = template
            .get("provider")
            .and_then(|provider| provider.get(key))?;
        // What is wrong with it is said when all of it is resolved.
        Some(text(&variables.resolve(value, &mut Vec::new()))).filter(|text| !text.is_empty())
    };
    if let (None, Some(stage)) = (&choices.stage, of_provider("stage", &variables)) {
        variables.stage = stage;
    }
    if let Some(region) = of_provider("region", &variables) {
        variables.region = region;
    }
    let mut warnings = Vec::new();
    let mut resolve = |key: &str| {
        let value = template
            .get(key)
            .map(|value| variables.resolve(value, &mut warnings));
        value.unwrap_or_default()
    };
    let (provider, functions, resources) = (
        resolve("provider"),
        resolve("functions"),
        resolve("resources"),
    );
    // References to the stack's own resources.
    let resolver = Resolver::new(&resources, &place, &BTreeMap::new());
    let (provider, functions) = (resolver.resolve(&provider), resolver.resolve(&functions));
    let functions = listed(&functions);
    let mut stack = Stack::default();
    let mut apis = Apis::new(&provider, &variables.stage);
    for (name, value) in &functions {
        stack
            .functions
            .push(function(name, value, &provider, directory));
        let events = value
            .get("events")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for event in events {
            apis.add(name, event, &functions);
        }
        if let Some(url) = value.get("url").filter(|url| **url != Value::Bool(false)) {
            apis.add_url(name, url);
        }
    }
    let (found, mut more) = apis.finish();
    stack.apis = found;
    stack.warnings = warnings;
    stack.warnings.append(&mut more);
    stack.warnings.extend(resolver.into_warnings());
    stack.warnings.dedup();
    stack
}

/// Functions are a map, or a list of maps.
fn listed(value: &Value) -> BTreeMap<String, Value> {
    let maps: Vec<_> = match value {
        Value::Array(items) => items.iter().filter_map(Value::as_object).collect(),
        other => other.as_object().into_iter().collect(),
    };
    let all = maps.into_iter().flatten();
    all.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn function(name: &str, value: &Value, provider: &Value, directory: &Path) -> Function {
    let of = |key: &str| value.get(key).or_else(|| provider.get(key));
    let mut environment = BTreeMap::new();
    for holder in [provider, value] {
        let own = holder
            .get("environment")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        environment.extend(
            own.filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.clone(), text(value))),
        );
    }
    let artifact = value
        .get("package")
        .and_then(|package| package.get("artifact"))
        .map(text);
    Function {
        name: name.to_owned(),
        runtime: of("runtime").map(text).unwrap_or_default(),
        handler: value.get("handler").map(text).unwrap_or_default(),
        code: artifact.map_or_else(|| directory.to_owned(), |artifact| directory.join(artifact)),
        cargo_lambda: None,
        environment,
        timeout: Duration::from_secs(super::number(of("timeout")).unwrap_or(TIMEOUT)),
        memory_mb: super::number(of("memorySize")).unwrap_or(MEMORY_MB),
    }
}
