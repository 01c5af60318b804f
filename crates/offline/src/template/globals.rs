//! The `Globals` of a SAM template: maps merge, lists add up, anything else is overridden.

use serde_json::Value;

/// A resource's properties with what the globals say beside them.
pub(super) fn merged(globals: Option<&Value>, own: &Value) -> Value {
    match (globals, own) {
        (Some(Value::Object(global)), Value::Object(own)) => {
            let mut result = global.clone();
            for (name, value) in own {
                let value = merged(global.get(name), value);
                result.insert(name.clone(), value);
            }
            Value::Object(result)
        }
        (Some(Value::Array(global)), Value::Array(own)) => {
            global.iter().chain(own).cloned().collect()
        }
        (Some(global), Value::Null) => global.clone(),
        _ => own.clone(),
    }
}
