//! The schema as a document.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use countersign_web::graphql::sdl;

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema.graphql");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == sdl(),
        "docs/schema.graphql is out of date: write the output of \
         `cargo run -p countersign-web --example graphql_schema` there"
    );
}

#[test]
fn everything_in_the_schema_is_described() {
    let mut silent = Vec::new();
    for definition in parse_schema(sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(kind) = definition else {
            continue;
        };
        let (name, kind) = (kind.node.name.node.clone(), kind.node);
        let mut note = |what: String, is_silent: bool| {
            if is_silent {
                silent.push(what);
            }
        };
        note(name.to_string(), kind.description.is_none());
        let fields = match &kind.kind {
            TypeKind::Object(object) => &object.fields,
            TypeKind::Interface(interface) => &interface.fields,
            _ => &Vec::new(),
        };
        for field in fields {
            let field = &field.node;
            note(
                format!("{name}.{}", field.name.node),
                field.description.is_none(),
            );
            for argument in &field.arguments {
                let argument = &argument.node;
                let what = format!("{name}.{}({})", field.name.node, argument.name.node);
                note(what, argument.description.is_none());
            }
        }
        match &kind.kind {
            TypeKind::Enum(values) => {
                for value in &values.values {
                    let value = &value.node;
                    note(
                        format!("{name}.{}", value.value.node),
                        value.description.is_none(),
                    );
                }
            }
            TypeKind::InputObject(input) => {
                for field in &input.fields {
                    let field = &field.node;
                    note(
                        format!("{name}.{}", field.name.node),
                        field.description.is_none(),
                    );
                }
            }
            _ => {}
        }
    }
    assert!(silent.is_empty(), "not described: {silent:?}");
}
