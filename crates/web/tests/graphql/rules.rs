//! Every field declares a rule, and keeps it.

use std::collections::BTreeSet;
use std::fmt::Write;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputObjectType, ServiceDocument, Type, TypeKind,
    TypeSystemDefinition,
};
use countersign_domain::access::Rule;
use countersign_web::graphql::rules::{Declared, TABLE};
use countersign_web::graphql::sdl;
use serde_json::{Value, json};

use crate::server::{EVERYTHING, Server};

/// Types that only carry what somebody was given a moment ago, or where a page stands: whoever
/// holds one has passed the rule of the field that gave it.
const CARRIERS: &[&str] = &[
    "AuditDetail",
    "AuditEventConnection",
    "AuditEventEdge",
    "PageInfo",
    "UserConnection",
    "UserEdge",
    "VerifiedToken",
    "VerifyTokenPayload",
];

/// A payload or a failure is a carrier too.
fn is_carrier(kind: &str, failures: &BTreeSet<String>) -> bool {
    CARRIERS.contains(&kind) || kind.ends_with("Success") || failures.contains(kind)
}

struct Schema(ServiceDocument);

impl Schema {
    fn read() -> Self {
        Self(parse_schema(sdl()).unwrap())
    }

    fn kinds(&self) -> impl Iterator<Item = (&str, &TypeKind)> {
        self.0
            .definitions
            .iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(kind) => {
                    Some((kind.node.name.node.as_str(), &kind.node.kind))
                }
                _ => None,
            })
    }

    fn objects(&self) -> impl Iterator<Item = (&str, &FieldDefinition, Vec<&str>)> {
        self.kinds().flat_map(|(name, kind)| match kind {
            TypeKind::Object(object) => {
                let interfaces: Vec<&str> = object
                    .implements
                    .iter()
                    .map(|name| name.node.as_str())
                    .collect();
                let fields = object.fields.iter();
                fields
                    .map(|field| (name, &field.node, interfaces.clone()))
                    .collect::<Vec<_>>()
            }
            _ => Vec::new(),
        })
    }

    fn implementors(&self, interface: &str) -> BTreeSet<String> {
        let all = self
            .objects()
            .filter(|(_, _, interfaces)| interfaces.contains(&interface));
        all.map(|(name, _, _)| name.to_owned()).collect()
    }

    fn input(&self, name: &str) -> Option<&InputObjectType> {
        self.kinds().find_map(|(other, kind)| match kind {
            TypeKind::InputObject(input) if other == name => Some(input),
            _ => None,
        })
    }

    /// A value that the type takes.
    fn value(&self, of: &Type) -> String {
        let name = match &of.base {
            BaseType::List(inner) => return format!("[{}]", self.value(inner)),
            BaseType::Named(name) => name.as_str(),
        };
        match name {
            "Int" => "1".to_owned(),
            "Boolean" => "true".to_owned(),
            "UserState" => "ACTIVE".to_owned(),
            "String" => "\"abcdefgh\"".to_owned(),
            // A user of no instance.
            "ID" => "\"VXNlcjowMTk3YTVmMi03YzNlLTdkNDEtOWIxYy0yZjZmMGQ4YTRlNTU\"".to_owned(),
            _ => {
                let mut text = "{".to_owned();
                for field in &self.input(name).unwrap().fields {
                    if !field.node.ty.node.nullable && field.node.default_value.is_none() {
                        let value = self.value(&field.node.ty.node);
                        write!(text, "{}: {value} ", field.node.name.node).unwrap();
                    }
                }
                text + "}"
            }
        }
    }

    /// A document that calls one root field.
    fn call(&self, root: &str, field: &FieldDefinition) -> String {
        let mut arguments = String::new();
        for argument in &field.arguments {
            if !argument.node.ty.node.nullable {
                let value = self.value(&argument.node.ty.node);
                write!(arguments, "{}: {value} ", argument.node.name.node).unwrap();
            }
        }
        if !arguments.is_empty() {
            arguments = format!("({arguments})");
        }
        let operation = root.to_lowercase();
        format!(
            "{operation} {{ {}{arguments} {{ __typename }} }}",
            field.name.node
        )
    }
}

fn declared(kind: &str, field: &str) -> Option<Declared> {
    let mut found = TABLE.iter().filter(|(k, f, _)| *k == kind && *f == field);
    found.next().map(|(_, _, declared)| *declared)
}

#[test]
fn every_field_that_shows_something_of_somebody_declares_a_rule() {
    let schema = Schema::read();
    let failures = schema.implementors("UserError");
    let mut seen = BTreeSet::new();
    for (kind, field, _) in schema.objects() {
        let name = field.name.node.as_str();
        if is_carrier(kind, &failures) {
            continue;
        }
        assert!(
            declared(kind, name).is_some(),
            "{kind}.{name} declares no rule"
        );
        seen.insert((kind.to_owned(), name.to_owned()));
    }
    for (kind, field, _) in TABLE {
        let entry = ((*kind).to_owned(), (*field).to_owned());
        assert!(
            seen.contains(&entry),
            "{kind}.{field} has a rule and is not in the schema"
        );
    }
}

#[test]
fn every_field_that_can_fail_is_nullable() {
    for (kind, field, _) in Schema::read().objects() {
        let public = Declared::Always(Rule::Public);
        let is_root = matches!(kind, "Query" | "Mutation");
        let name = field.name.node.as_str();
        if is_root || declared(kind, name).is_some_and(|declared| declared != public) {
            assert!(field.ty.node.nullable, "{kind}.{name} must be nullable");
        }
    }
}

// The engine resolves a field that is selected on an interface without its guard.
#[test]
fn no_interface_has_a_field_that_is_guarded() {
    let schema = Schema::read();
    for (interface, kind) in schema.kinds() {
        let TypeKind::Interface(kind) = kind else {
            continue;
        };
        for field in &kind.fields {
            for implementor in schema.implementors(interface) {
                let declared = declared(&implementor, &field.node.name.node);
                let is_open = declared.is_none_or(|d| d == Declared::Always(Rule::Public));
                assert!(
                    is_open,
                    "{interface}.{} walks round a guard",
                    field.node.name.node
                );
            }
        }
    }
}

#[tokio::test]
async fn every_root_field_keeps_its_rule() {
    let server = Server::new().await;
    let powerless = server.with_scopes("powerless", "").await;
    let schema = Schema::read();
    let mut tried = 0;
    for (kind, field, _) in schema.objects() {
        if !matches!(kind, "Query" | "Mutation") {
            continue;
        }
        let name = field.name.node.as_str();
        let document = schema.call(kind, field);
        let anonymous = server.ask(None, &document, json!({})).await;
        let declared = declared(kind, name).unwrap();
        if declared == Declared::Always(Rule::Public) {
            let codes = ["UNAUTHENTICATED", "FORBIDDEN"];
            assert!(
                !codes.contains(&anonymous.code()),
                "{name}: {}",
                anonymous.body
            );
            continue;
        }
        tried += 1;
        assert_eq!(
            anonymous.code(),
            "UNAUTHENTICATED",
            "{name}: {}",
            anonymous.body
        );
        assert_eq!(anonymous.body["data"], json!({ name: null }), "{name}");
        // Any token will do to end its own session.
        if name == "logout" {
            continue;
        }
        let without_scope = server.ask(Some(&powerless), &document, json!({})).await;
        assert_eq!(
            without_scope.code(),
            "FORBIDDEN",
            "{name}: {}",
            without_scope.body
        );
        let extensions = &without_scope.body["errors"][0]["extensions"];
        assert!(
            extensions["requiredScope"].is_string(),
            "{name}: {extensions}"
        );
    }
    assert!(tried > 20, "{tried}");
}

/// What a caller without scopes sees of objects that somebody with all scopes is shown.
#[tokio::test]
async fn every_nested_field_keeps_its_rule() {
    let server = Server::new().await;
    let all = server.with_scopes("admin0", EVERYTHING).await;
    let create = "mutation { createPersonalAccessToken(input: { name: \"x\",
        scopes: [\"account:read\"] }) { __typename } }";
    server.ask(Some(&all), create, json!({})).await;
    let schema = Schema::read();
    let fields = |kind: &str| -> String {
        let fields = schema.objects().filter(|(other, _, _)| *other == kind);
        fields
            .map(|(_, field, _)| match field.name.node.as_str() {
                "sessions" => "sessions { id } ".to_owned(),
                "details" => "details { name } ".to_owned(),
                name => format!("{name} "),
            })
            .collect()
    };
    // Each is reached by its own scope; its fields ask again.
    for (kind, path, query) in [
        (
            "User",
            "/users/edges/0/node",
            "{ users(first: 1) { edges { node { FIELDS } } } }",
        ),
        ("User", "/me", "{ me { FIELDS } }"),
        ("Session", "/sessions/0", "{ sessions { FIELDS } }"),
        (
            "PersonalAccessToken",
            "/personalAccessTokens/0",
            "{ personalAccessTokens { FIELDS } }",
        ),
        ("Role", "/roles/0", "{ roles { FIELDS } }"),
        (
            "AuditEvent",
            "/auditEvents/edges/0/node",
            "{ auditEvents(first: 1) { edges { node { FIELDS } } } }",
        ),
    ] {
        let document = query.replace("FIELDS", &fields(kind));
        let answer = server.ask(Some(&all), &document, json!({})).await;
        assert!(
            answer.body.get("errors").is_none(),
            "{kind}: {}",
            answer.body
        );
        let object = answer.body["data"]
            .pointer(path)
            .unwrap()
            .as_object()
            .unwrap();
        let in_table = TABLE.iter().filter(|(other, _, _)| *other == kind).count();
        assert_eq!(object.len(), in_table, "{kind}");
    }
    // A caller who may change roles and not read them gets one back from `defineRole`.
    let writer = server.with_scopes("writer", "roles:write").await;
    let define = format!(
        "mutation {{ defineRole(input: {{ name: \"x\", scopes: [] }}) {{ ... on DefineRoleSuccess {{ role {{ {} }} }} }} }}",
        fields("Role")
    );
    let answer = server.ask(Some(&writer), &define, json!({})).await;
    let role = answer.body["data"]["defineRole"]["role"]
        .as_object()
        .unwrap();
    let shown: Vec<&String> = role
        .iter()
        .filter(|(_, value)| **value != Value::Null)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(shown, ["id"], "{}", answer.body);
    // The same with a user whom they may not look at.
    let writer = server.with_scopes("writer2", "users:write").await;
    let create = format!(
        "mutation {{ createUser(input: {{ username: \"new\" }}) {{ ... on CreateUserSuccess {{ user {{ {} }} }} }} }}",
        fields("User")
    );
    let answer = server.ask(Some(&writer), &create, json!({})).await;
    let user = answer.body["data"]["createUser"]["user"]
        .as_object()
        .unwrap();
    let shown: Vec<&String> = user
        .iter()
        .filter(|(_, value)| **value != Value::Null)
        .map(|(name, _)| name)
        .collect();
    assert_eq!(shown, ["id"], "{}", answer.body);
}
