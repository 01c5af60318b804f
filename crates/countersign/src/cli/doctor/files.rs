//! Who else may read the data directory and the database.

use std::path::Path;

use super::finding::Finding;
use crate::config::{Settings, StoreUrl};

const CHECK: &str = "file modes";

/// Looks at the modes of what is there; what is missing is another check's to say.
pub(super) fn check(settings: &Settings) -> Vec<Finding> {
    let mut paths = vec![("data directory", &settings.data_dir)];
    if let StoreUrl::Sqlite(database) = &settings.store.url {
        paths.push(("database", database));
    }
    let mut findings = Vec::new();
    for (what, path) in paths {
        if let Some(mode) = mode(path) {
            findings.extend(judge(what, path, mode));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, "nobody else can read the data"));
    }
    findings
}

fn judge(what: &str, path: &Path, mode: u32) -> Option<Finding> {
    let may = match mode & 0o077 {
        0 => return None,
        others if others & 0o022 != 0 => "change",
        _ => "read",
    };
    let is_directory = path.is_dir();
    // A directory that others may enter shows names only, as long as what is in it is closed.
    if is_directory && may == "read" {
        return None;
    }
    let (path, right) = (path.display(), if is_directory { "700" } else { "600" });
    let message = format!(
        "other users may {may} the {what} {path} (mode {:03o})",
        mode & 0o777
    );
    let fix = format!("chmod {right} {path}");
    Some(if may == "change" {
        Finding::fail(CHECK, message, fix)
    } else {
        Finding::warn(CHECK, message, fix)
    })
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path)
        .ok()
        .map(|metadata| metadata.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}
