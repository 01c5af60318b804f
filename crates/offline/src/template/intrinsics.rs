//! Resolves what a `CloudFormation` template leaves open: references, substitutions, conditions.
//! Parameters have their defaults, or what the caller says. What can't be known here (an output of
//! another stack) becomes empty, with a warning.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Place;
use super::values::{holds, join, select, split, text};

/// Deeper than this is a condition that names itself.
const MAX_DEPTH: usize = 100;

/// What the frameworks add to a template by themselves.
const MADE_UP: &[&str] = &[
    "ServerlessRestApi",
    "ServerlessHttpApi",
    "HttpApi",
    "ApiGatewayRestApi",
];

/// A template with everything that its references need.
pub(super) struct Resolver<'t> {
    template: &'t Value,
    place: &'t Place,
    parameters: BTreeMap<String, Value>,
    warnings: RefCell<Vec<String>>,
}

impl<'t> Resolver<'t> {
    pub(super) fn new(
        template: &'t Value,
        place: &'t Place,
        given: &BTreeMap<String, String>,
    ) -> Self {
        let mut warnings = Vec::new();
        let mut parameters = BTreeMap::new();
        let declared = template.get("Parameters").and_then(Value::as_object);
        for (name, parameter) in declared.into_iter().flatten() {
            let given = given.get(name).map(|text| json!(text));
            let value = given.or_else(|| parameter.get("Default").cloned());
            if value.is_none() {
                warnings.push(format!(
                    "parameter {name} has no default: it is empty; set it with --parameter {name}=VALUE"
                ));
            }
            let list = parameter.get("Type").and_then(Value::as_str);
            let is_list =
                list.is_some_and(|kind| kind == "CommaDelimitedList" || kind.starts_with("List<"));
            let value = match value.unwrap_or_else(|| json!("")) {
                Value::String(text) if is_list => {
                    text.split(',').map(|item| json!(item.trim())).collect()
                }
                value => value,
            };
            parameters.insert(name.clone(), value);
        }
        Self {
            template,
            place,
            parameters,
            warnings: RefCell::new(warnings),
        }
    }

    pub(super) fn warn(&self, warning: String) {
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    pub(super) fn into_warnings(self) -> Vec<String> {
        self.warnings.into_inner()
    }

    /// The resources whose condition holds: name, type, properties as written.
    pub(super) fn resources(&self) -> Vec<(&'t str, &'t str, &'t Value)> {
        let resources = self.template.get("Resources").and_then(Value::as_object);
        resources
            .into_iter()
            .flatten()
            .filter_map(|(name, resource)| {
                let kind = resource.get("Type").and_then(Value::as_str)?;
                let condition = resource.get("Condition").and_then(Value::as_str);
                let there = condition.is_none_or(|condition| self.condition(condition, 0));
                let properties = resource.get("Properties").unwrap_or(&Value::Null);
                there.then_some((name.as_str(), kind, properties))
            })
            .collect()
    }

    fn resource(&self, name: &str) -> Option<(&'t str, &'t Value)> {
        let resource = self.template.get("Resources")?.get(name)?;
        let kind = resource.get("Type").and_then(Value::as_str)?;
        Some((kind, resource.get("Properties").unwrap_or(&Value::Null)))
    }

    /// The value with everything in it resolved; members without a value are gone.
    pub(super) fn resolve(&self, value: &Value) -> Value {
        self.at(value, 0)
    }

    fn at(&self, value: &Value, depth: usize) -> Value {
        if depth > MAX_DEPTH {
            return Value::Null;
        }
        match value {
            Value::Array(items) => {
                let items = items.iter().map(|item| self.at(item, depth + 1));
                items.filter(|item| !item.is_null()).collect()
            }
            Value::Object(members) => {
                if let (1, Some((name, argument))) = (members.len(), members.iter().next())
                    && (name == "Ref"
                        || name == "Condition" && argument.is_string()
                        || name.starts_with("Fn::"))
                {
                    return self.call(name, argument, depth + 1);
                }
                let members = members
                    .iter()
                    .map(|(name, value)| (name.clone(), self.at(value, depth + 1)));
                Value::Object(members.filter(|(_, value)| !value.is_null()).collect())
            }
            _ => value.clone(),
        }
    }

    fn call(&self, name: &str, argument: &Value, depth: usize) -> Value {
        let resolved = || self.at(argument, depth);
        let items = || match resolved() {
            Value::Array(items) => items,
            other => vec![other],
        };
        match name {
            "Ref" => argument
                .as_str()
                .map_or(Value::Null, |name| self.reference(name)),
            "Condition" => json!(
                argument
                    .as_str()
                    .is_some_and(|name| self.condition(name, depth))
            ),
            "Fn::GetAtt" => self.attribute(argument),
            "Fn::Sub" => self.substitute(argument, depth),
            "Fn::Join" => join(&items()),
            "Fn::Split" => split(&items()),
            "Fn::Select" => select(&items()),
            "Fn::If" => self.choose(argument, depth),
            "Fn::Equals" => {
                let items = items();
                json!(items.first().map(text) == items.get(1).map(text))
            }
            "Fn::And" => json!(items().iter().all(holds)),
            "Fn::Or" => json!(items().iter().any(holds)),
            "Fn::Not" => json!(!items().iter().any(holds)),
            "Fn::FindInMap" => {
                let keys = items();
                let mut found = self.template.get("Mappings");
                for key in &keys {
                    found = found.and_then(|map| map.get(text(key)));
                }
                found.map_or(Value::Null, |value| self.at(value, depth))
            }
            "Fn::Base64" => {
                use base64::Engine as _;
                json!(base64::engine::general_purpose::STANDARD.encode(text(&resolved())))
            }
            _ => {
                self.warn(format!("{name} can't be resolved here: it is empty"));
                json!("")
            }
        }
    }

    fn reference(&self, name: &str) -> Value {
        if let Some(value) = self.parameters.get(name) {
            return value.clone();
        }
        match name {
            "AWS::Region" => json!(self.place.region),
            "AWS::AccountId" => json!(self.place.account),
            "AWS::Partition" => json!("aws"),
            "AWS::URLSuffix" => json!("amazonaws.com"),
            "AWS::StackName" => json!("offline"),
            "AWS::StackId" => json!(self.place.arn("cloudformation", "stack/offline")),
            "AWS::NoValue" => Value::Null,
            _ => match self.resource(name) {
                // Some are referred to by the name in their properties.
                Some((kind, properties)) => {
                    let key = match kind {
                        "AWS::DynamoDB::Table" | "AWS::Serverless::SimpleTable" => "TableName",
                        "AWS::S3::Bucket" => "BucketName",
                        "AWS::SSM::Parameter" => "Name",
                        _ => "",
                    };
                    let named = properties.get(key).map(|value| self.at(value, 1));
                    named.unwrap_or_else(|| json!(name))
                }
                // A REST API's stage and the like, which SAM makes up.
                None if MADE_UP.contains(&name) => json!(name),
                None => {
                    self.warn(format!(
                        "{name} is referred to, and it is nowhere in the template"
                    ));
                    json!(name)
                }
            },
        }
    }

    fn attribute(&self, argument: &Value) -> Value {
        let path = match argument {
            Value::String(path) => path.clone(),
            Value::Array(parts) => parts.iter().map(text).collect::<Vec<_>>().join("."),
            _ => return Value::Null,
        };
        let (name, attribute) = path.split_once('.').unwrap_or((&path, ""));
        let (kind, _) = self.resource(name).unwrap_or(("", &Value::Null));
        match (kind, attribute) {
            (_, "Arn" | "Alias") if kind.ends_with("::Function") => {
                json!(self.place.arn("lambda", &format!("function:{name}")))
            }
            ("AWS::DynamoDB::Table" | "AWS::Serverless::SimpleTable", "Arn") => {
                json!(self.place.arn(
                    "dynamodb",
                    &format!("table/{}", text(&self.reference(name)))
                ))
            }
            ("AWS::KMS::Key", "Arn") => json!(self.place.arn("kms", &format!("key/{name}"))),
            (_, "Arn") => json!(self.place.arn("offline", name)),
            _ => {
                self.warn(format!(
                    "{path} is known only once it is deployed: it is empty here"
                ));
                json!("")
            }
        }
    }

    fn substitute(&self, argument: &Value, depth: usize) -> Value {
        let (pattern, own) = match argument {
            Value::Array(parts) => (parts.first(), parts.get(1).map(|own| self.at(own, depth))),
            pattern => (Some(pattern), None),
        };
        let mut rest = pattern.and_then(Value::as_str).unwrap_or_default();
        let own = own.as_ref().and_then(Value::as_object);
        let mut result = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                result.push_str("${");
                rest = after;
                continue;
            };
            rest = behind;
            let name = name.trim();
            if let Some(literal) = name.strip_prefix('!') {
                result.extend(["${", literal, "}"]);
            } else if let Some(value) = own.and_then(|own: &Map<_, _>| own.get(name)) {
                result.push_str(&text(value));
            } else if name.contains('.') {
                result.push_str(&text(&self.attribute(&json!(name))));
            } else {
                result.push_str(&text(&self.reference(name)));
            }
        }
        json!(result + rest)
    }

    fn choose(&self, argument: &Value, depth: usize) -> Value {
        let part = |index: usize| argument.get(index).unwrap_or(&Value::Null);
        let holds = part(0)
            .as_str()
            .is_some_and(|name| self.condition(name, depth));
        self.at(part(if holds { 1 } else { 2 }), depth)
    }

    fn condition(&self, name: &str, depth: usize) -> bool {
        let Some(condition) = self
            .template
            .get("Conditions")
            .and_then(|all| all.get(name))
        else {
            self.warn(format!(
                "condition {name} is nowhere in the template: it does not hold"
            ));
            return false;
        };
        holds(&self.at(condition, depth + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn resolved(template: &str, given: &[(&str, &str)]) -> (Value, Vec<String>) {
        let template = yaml::parse(template).unwrap();
        let place = Place::default();
        let given = given
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let resolver = Resolver::new(&template, &place, &given);
        let value = resolver.resolve(&template["Out"]);
        (value, resolver.into_warnings())
    }

    const TEMPLATE: &str = "
Parameters:
  Stage: {Type: String, Default: dev}
  Origins: {Type: CommaDelimitedList, Default: 'a, b'}
Mappings: {Level: {dev: {log: debug}, prod: {log: info}}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsNot: !Not [!Condition IsProd]
Resources:
  Table: {Type: 'AWS::DynamoDB::Table', Properties: {TableName: !Sub 'users-${Stage}'}}
  Hello: {Type: 'AWS::Serverless::Function'}
Out:
  table: !Ref Table
  arn: !GetAtt Table.Arn
  hello: !GetAtt [Hello, Arn]
  sub: !Sub ['${Stage}/${x}/${!Kept}/${AWS::Region}', {x: !Ref Hello}]
  level: !FindInMap [Level, !Ref Stage, log]
  chosen: !If [IsProd, yes, !If [IsNot, no, never]]
  gone: !If [IsProd, here, !Ref 'AWS::NoValue']
  second: !Select [1, !Ref Origins]
  joined: !Join ['-', [x, !Ref Stage]]
  part: !Select [0, !Split ['.', 'p.q']]
";

    #[test]
    fn references_and_conditions_are_resolved() {
        assert_eq!(
            resolved(TEMPLATE, &[]).0,
            json!({
                "table": "users-dev",
                "arn": "arn:aws:dynamodb:us-east-1:123456789012:table/users-dev",
                "hello": "arn:aws:lambda:us-east-1:123456789012:function:Hello",
                "sub": "dev/Hello/${Kept}/us-east-1", "level": "debug", "chosen": "no",
                "second": "b", "joined": "x-dev", "part": "p",
            })
        );
    }

    #[test]
    fn a_parameter_given_is_stronger_than_its_default() {
        let (value, warnings) = resolved(TEMPLATE, &[("Stage", "prod")]);
        assert_eq!(
            (&value["level"], &value["gone"]),
            (&json!("info"), &json!("here"))
        );
        assert_eq!(warnings, Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_known_is_empty_and_said() {
        let (value, warnings) = resolved("Out: {a: !ImportValue x, b: !GetAtt Y.Z}\n", &[]);
        assert_eq!(value, json!({"a": "", "b": ""}));
        assert_eq!(warnings.len(), 2, "{warnings:?}");
    }

    #[test]
    fn a_condition_that_names_itself_ends() {
        let template = "Conditions: {A: !Not [!Condition A]}\nOut: !If [A, 1, 2]\n";
        let _ends = resolved(template, &[]);
    }
}
