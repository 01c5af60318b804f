//! Values of templates: what they are where text is wanted, and the functions that need nothing else.

use serde_json::{Value, json};

/// What a value is where text is wanted.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Whether a condition's value is true.
pub(super) fn holds(value: &Value) -> bool {
    *value == json!(true) || *value == json!("true")
}

/// `Fn::Join`: what is between, and the parts.
pub(super) fn join(items: &[Value]) -> Value {
    let between = items.first().map(text).unwrap_or_default();
    let parts = items
        .get(1)
        .and_then(Value::as_array)
        .map(|parts| parts.iter().map(text));
    json!(
        parts
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(&between)
    )
}

/// `Fn::Split`: where, and the whole.
pub(super) fn split(items: &[Value]) -> Value {
    let (at, whole) = (items.first().map(text), items.get(1).map(text));
    let (Some(at), Some(whole)) = (at.filter(|at| !at.is_empty()), whole) else {
        return Value::Null;
    };
    whole.split(&at).map(|part| json!(part)).collect()
}

/// `Fn::Select`: which, and the list.
pub(super) fn select(items: &[Value]) -> Value {
    let index = items
        .first()
        .and_then(|index| text(index).parse::<usize>().ok());
    let list = items.get(1).and_then(Value::as_array);
    index
        .and_then(|index| list?.get(index))
        .cloned()
        .unwrap_or_default()
}
