//! The environment: the only place that reads it.

#![expect(
    clippy::disallowed_methods,
    reason = "a function of Lambda is configured by its environment, and this is what reads it"
)]

use std::env;
use std::path::PathBuf;

/// What all settings begin with.
const PREFIX: &str = "COUNTERSIGN_AUTHORIZER_";

/// A setting by the end of its name; an empty one is none.
pub(crate) fn setting(name: &str) -> Option<String> {
    variable(&format!("{PREFIX}{name}"))
}

/// The whole name of a setting, for messages.
pub(crate) fn name(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// Any variable; an empty one is none.
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where the configuration is: as the command line says, as the environment says, or `authorizer.toml` in the
/// function's folder or beside the program, if there is one.
pub(crate) fn config_file(given: Option<&std::path::Path>) -> Option<PathBuf> {
    let named = given
        .map(PathBuf::from)
        .or_else(|| setting("CONFIG").map(PathBuf::from));
    named.or_else(|| {
        let root = variable("LAMBDA_TASK_ROOT").map(PathBuf::from);
        let beside = env::current_exe()
            .ok()
            .and_then(|program| Some(program.parent()?.to_owned()));
        let files = [root, beside]
            .into_iter()
            .flatten()
            .map(|folder| folder.join("authorizer.toml"));
        files.into_iter().find(|file| file.is_file())
    })
}
