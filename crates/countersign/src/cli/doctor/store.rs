//! The store: reachable, whole, and of this program's schema.

use super::finding::Finding;
use crate::compose::{ComposeError, Instance};

const CHECK: &str = "store";

/// Why it could not be opened. The message says what to do.
pub(super) fn cannot_open(error: &ComposeError) -> Finding {
    let fix = match error {
        ComposeError::NotMigrated(_) => "countersign migrate",
        ComposeError::Store(_) => "start the server once, or restore a backup",
        _ => "correct the setting that the message names",
    };
    Finding::fail(CHECK, error.to_string(), fix)
}

/// Whether it answers and is whole.
pub(super) async fn check(instance: &Instance) -> Vec<Finding> {
    if let Err(error) = instance.app.ready().await {
        let fix = "look for a full disk, a missing right, or another process that holds a lock";
        return vec![Finding::fail(CHECK, error.to_string(), fix)];
    }
    let mut findings = vec![Finding::ok(
        CHECK,
        "it can be read and written, and its schema is up to date",
    )];
    findings.extend(match instance.store.integrity_check().await {
        Ok(problems) if problems.is_empty() => vec![Finding::ok("integrity", "the file is whole")],
        Ok(problems) => {
            let fix = "stop the server and restore the last backup";
            problems
                .into_iter()
                .map(|text| Finding::fail("integrity", text, fix))
                .collect()
        }
        Err(error) => {
            vec![Finding::fail(
                "integrity",
                error.to_string(),
                "run countersign doctor again",
            )]
        }
    });
    findings
}
