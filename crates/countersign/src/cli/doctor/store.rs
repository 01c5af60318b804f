//! The store: reachable, whole, and of this program's schema.

use super::finding::Finding;
use crate::compose::{ComposeError, Instance};

const CHECK: &str = "store";

/// Why it could not be opened. The message says what to do.
pub(super) fn cannot_open(error: &ComposeError) -> Finding {
    let fix = match error {
        ComposeError::NotMigrated(_) => "countersign migrate",
        ComposeError::Store(_) => "start the server once, or restore a backup",
        ComposeError::UnfinishedCopy { .. } => "run countersign store copy again",
        ComposeError::EngineNotBuilt(_) => "use a released program",
        error if error.is_temporary() => {
            "see that the database runs, and that this machine may reach it"
        }
        ComposeError::Schema(_) => "choose another database, or another version of countersign",
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
    findings.extend(match instance.admin.engine_problems().await {
        Ok(problems) if problems.is_empty() => {
            let message = match &instance.sqlite {
                Some(_) => "the file is whole".to_owned(),
                None => format!("{} finds nothing wrong", instance.admin.engine()),
            };
            vec![Finding::ok("integrity", message)]
        }
        Ok(problems) => {
            let fix = match &instance.sqlite {
                Some(_) => "stop the server and restore the last backup",
                None => "mend it with the engine's own tools, or restore the last backup",
            };
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
