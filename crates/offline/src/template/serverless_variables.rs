//! The variables of a `serverless.yml`: `${self:…}`, `${opt:…}`, `${env:…}`, `${file(…)}` and
//! `${sls:stage}`, with their fallbacks. Those that ask AWS are empty, with a warning.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::values::text;

/// Deeper than this is a variable that names itself.
const MAX_DEPTH: usize = 40;

/// What variables are resolved with.
pub(super) struct Variables<'t> {
    pub(super) template: &'t Value,
    pub(super) directory: &'t Path,
    /// The stage that was asked for.
    pub(super) asked_stage: Option<String>,
    pub(super) stage: String,
    pub(super) region: String,
    pub(super) options: &'t BTreeMap<String, String>,
    pub(super) environment: &'t BTreeMap<String, String>,
}

impl Variables<'_> {
    /// The value with all of its variables resolved.
    pub(super) fn resolve(&self, value: &Value, warn: &mut Vec<String>) -> Value {
        self.at(value, 0, warn)
    }

    fn at(&self, value: &Value, depth: usize, warn: &mut Vec<String>) -> Value {
        match value {
            Value::String(text) => self.text(text, depth, warn),
            Value::Array(items) => items
                .iter()
                .map(|item| self.at(item, depth + 1, warn))
                .collect(),
            Value::Object(members) => {
                let members = members.iter();
                Value::Object(
                    members
                        .map(|(name, value)| (name.clone(), self.at(value, depth + 1, warn)))
                        .collect(),
                )
            }
            other => other.clone(),
        }
    }

    fn text(&self, whole: &str, depth: usize, warn: &mut Vec<String>) -> Value {
        let Some((before, inner, behind)) = first(whole) else {
            return json!(whole);
        };
        // `${AWS::Region}` and `${Table}` are CloudFormation's, in an `Fn::Sub`.
        if depth > MAX_DEPTH || !inner.contains([':', '(']) || inner.starts_with("AWS::") {
            return json!(whole);
        }
        // Variables may hold variables: the inner ones come first.
        let inner = text(&self.text(inner, depth + 1, warn));
        let value = self.variable(&inner, depth, warn);
        if before.is_empty() && behind.is_empty() {
            return value;
        }
        let rest = text(&self.text(behind, depth + 1, warn));
        json!(format!("{before}{}{rest}", text(&value)))
    }

    fn variable(&self, source: &str, depth: usize, warn: &mut Vec<String>) -> Value {
        let mut unknown = None;
        for alternative in source.split(',').map(str::trim) {
            if let Some(literal) = alternative.strip_prefix(['\'', '"']) {
                return json!(literal.trim_end_matches(['\'', '"']));
            }
            if !alternative.contains(':') && !alternative.starts_with("file(") {
                return super::yaml::parse(alternative).unwrap_or_default();
            }
            let found = self.lookup(alternative, depth, warn);
            if !found.is_null() {
                return self.at(&found, depth + 1, warn);
            }
            unknown.get_or_insert(alternative);
        }
        warn.push(format!(
            "${{{}}} has no value here: it is empty",
            unknown.unwrap_or(source)
        ));
        json!("")
    }

    fn lookup(&self, source: &str, depth: usize, warn: &mut Vec<String>) -> Value {
        if let Some(rest) = source.strip_prefix("file(") {
            return self.file(rest, warn);
        }
        let (kind, name) = source.split_once(':').unwrap_or((source, ""));
        let owned = |text: Option<&String>| text.map_or(Value::Null, |text| json!(text));
        match kind {
            // The stage that was asked for is stronger than the file's.
            "self" if name == "provider.stage" => json!(self.stage),
            "self" => self.walk(self.template.clone(), name, depth, warn),
            "opt" if name == "stage" => owned(self.asked_stage.as_ref()),
            "param" => self.parameter(name, depth, warn),
            "opt" => owned(self.options.get(name)),
            "env" => owned(self.environment.get(name)),
            "sls" if name == "stage" => json!(self.stage),
            "aws" if name == "region" => json!(self.region),
            "aws" if name == "accountId" => json!("123456789012"),
            _ => Value::Null,
        }
    }

    /// What was given, or what the template has for this stage, or for all.
    fn parameter(&self, name: &str, depth: usize, warn: &mut Vec<String>) -> Value {
        if let Some(given) = self.options.get(name) {
            return json!(given);
        }
        let of = |stage: &str| self.template.get("params")?.get(stage)?.get(name);
        let found = of(&self.stage).or_else(|| of("default"));
        found
            .map(|value| self.at(value, depth + 1, warn))
            .unwrap_or_default()
    }

    /// What is at a path; variables on the way are resolved.
    fn walk(&self, mut value: Value, path: &str, depth: usize, warn: &mut Vec<String>) -> Value {
        for key in path.split('.').filter(|key| !key.is_empty()) {
            if value.is_string() {
                value = self.at(&value, depth + 1, warn);
            }
            let found = match &value {
                Value::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get(index)),
                other => other.get(key),
            };
            value = found.cloned().unwrap_or_default();
        }
        value
    }

    fn file(&self, rest: &str, warn: &mut Vec<String>) -> Value {
        let (path, key) = rest.split_once(')').unwrap_or((rest, ""));
        match super::document(&self.directory.join(path.trim())) {
            Ok(value) => self.walk(value, key.trim_start_matches(':'), 0, warn),
            Err(error) => {
                warn.push(error.to_string());
                Value::Null
            }
        }
    }
}

/// The first variable: what is before it, in it and behind it.
fn first(text: &str) -> Option<(&str, &str, &str)> {
    let (before, after) = text.split_once("${")?;
    let mut open = 1_usize;
    for (index, character) in after.char_indices() {
        match character {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some((before, after.get(..index)?, after.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_resolved_with_their_fallbacks() {
        let template = super::super::yaml::parse(
            "custom: {stages: {dev: blue, prod: green}, name: 'x-${sls:stage}'}\nprovider: {stage: dev}\n",
        )
        .unwrap();
        let environment = BTreeMap::from([("HOME_TOWN".to_owned(), "Ulm".to_owned())]);
        let options = BTreeMap::new();
        let variables = Variables {
            template: &template,
            directory: Path::new("."),
            asked_stage: Some("prod".to_owned()),
            stage: "prod".to_owned(),
            region: "us-east-1".to_owned(),
            options: &options,
            environment: &environment,
        };
        let mut warnings = Vec::new();
        let mut resolve = |text: &str| variables.resolve(&json!(text), &mut warnings);
        assert_eq!(
            resolve("${self:custom.stages.${opt:stage, 'dev'}}"),
            json!("green")
        );
        assert_eq!(
            resolve("a-${self:custom.name}-${env:HOME_TOWN}"),
            json!("a-x-prod-Ulm")
        );
        assert_eq!(resolve("${env:NOT_THERE, 'then this'}"), json!("then this"));
        assert_eq!(resolve("${opt:port, 3000}"), json!(3000));
        assert_eq!(
            resolve("${self:custom.stages}"),
            json!({"dev": "blue", "prod": "green"})
        );
        assert_eq!(resolve("${AWS::Region}"), json!("${AWS::Region}"));
        assert_eq!(resolve("${ssm:/secret}"), json!(""));
        assert_eq!(warnings, ["${ssm:/secret} has no value here: it is empty"]);
    }
}
