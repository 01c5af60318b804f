//! What to do about errors that several sources share.

use std::io;
use std::path::Path;

use super::error::{ConfigError, Fault};
use super::place::Place;
use super::setting::Setting;
use super::table;

/// Where a secret may be written.
pub(in crate::config) fn secret(setting: &Setting) -> String {
    let variable = setting.variable();
    match table::file_for(setting) {
        Some(file) => format!(
            "set the environment variable {variable}, or put it into a file and set {}; \
             then change the secret, because others may have seen it",
            file.key
        ),
        None => format!("set the environment variable {variable}"),
    }
}

/// A source that is there but can't be read, or was named and is not there.
pub(in crate::config) fn unreadable_file(path: &Path, error: &io::Error) -> ConfigError {
    let fix = match error.kind() {
        io::ErrorKind::NotFound => "name a file that exists",
        io::ErrorKind::InvalidData => "save it as UTF-8",
        _ => "let the user that runs countersign read it",
    };
    ConfigError {
        key: None,
        place: Place::WholeFile(path.to_owned()),
        fault: Fault::Unreadable(error.kind().to_string()),
        fix: fix.to_owned(),
    }
}
