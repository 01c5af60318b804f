//! The configuration: everything that a start would say of it.

use super::finding::Finding;
use crate::config::{Caution, ConfigErrors, Warning};

const CHECK: &str = "configuration";

/// What is wrong.
pub(super) fn errors(errors: &ConfigErrors) -> Vec<Finding> {
    let one = |error: &crate::config::ConfigError| {
        let key = error.key.as_deref().unwrap_or_default();
        let message = format!("{key} ({}) {}", error.place, error.fault);
        Finding::fail(CHECK, message.trim(), &error.fix)
    };
    errors.0.iter().map(one).collect()
}

/// What should be looked at, or that all is well.
pub(super) fn warnings(warnings: &[Warning]) -> Vec<Finding> {
    let one = |warning: &Warning| match warning.caution {
        Caution::ReadableByOthers => {
            let message = format!(
                "{} names a secret's file that other users may read",
                warning.key
            );
            Finding::warn("secret files", message, "run chmod 600 on it")
        }
        Caution::WithoutEffect(_) => {
            let fix = format!("remove {}", warning.key);
            Finding::warn(CHECK, warning.to_string(), fix)
        }
        Caution::Risky(_) => {
            let fix = format!("change {} unless it is meant", warning.key);
            Finding::warn(CHECK, warning.to_string(), fix)
        }
    };
    let mut findings = vec![Finding::ok(CHECK, "every setting is understood")];
    findings.extend(warnings.iter().map(one));
    findings
}
