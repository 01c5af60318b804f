//! What is wrong or odd about a configuration, for programs.

use serde_json::{Value, json};

use crate::config::{ConfigErrors, Warning};

/// Errors; none of them holds a secret.
pub(in crate::cli) fn errors(errors: &ConfigErrors) -> Vec<Value> {
    let one = |error: &crate::config::ConfigError| {
        json!({
            "key": error.key,
            "place": error.place.to_string(),
            "code": error.fault.code(),
            "message": error.fault.to_string(),
            "fix": error.fix,
        })
    };
    errors.0.iter().map(one).collect()
}

/// Warnings.
pub(in crate::cli) fn warnings(warnings: &[Warning]) -> Vec<Value> {
    let one = |warning: &Warning| {
        json!({
            "key": warning.key,
            "place": warning.place.to_string(),
            "message": warning.to_string(),
        })
    };
    warnings.iter().map(one).collect()
}
