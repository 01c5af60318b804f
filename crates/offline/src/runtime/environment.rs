//! The environment of a function: what Lambda sets, what the template says, what the caller adds; and
//! of our own environment only what a program needs to run and to reach AWS or a stand-in for it.

use std::collections::BTreeMap;
use std::ffi::OsString;

use super::command::Start;
use crate::stack::Function;
use crate::template::Place;

/// Passed on besides everything that begins with `AWS_`.
const PASSED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "NODE_PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "RUST_BACKTRACE",
    "LD_LIBRARY_PATH",
];

/// What an environment file adds: to all functions, and to some.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extra {
    pub(crate) all: BTreeMap<String, String>,
    pub(crate) of: BTreeMap<String, BTreeMap<String, String>>,
}

pub(super) fn inherited(own: Vec<(OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let passes = |name: &OsString| {
        name.to_str().is_some_and(|name| {
            PASSED_ON.contains(&name)
                || name.starts_with("AWS_") && !name.starts_with("AWS_LAMBDA_")
        })
    };
    own.into_iter().filter(|(name, _)| passes(name)).collect()
}

pub(super) fn of(
    function: &Function,
    start: &Start,
    inherited: &[(OsString, OsString)],
    extra: &Extra,
) -> Vec<(OsString, OsString)> {
    let mut all: BTreeMap<OsString, OsString> = inherited.iter().cloned().collect();
    let region = Place::default().region;
    all.entry("AWS_REGION".into())
        .or_insert_with(|| region.clone().into());
    all.entry("AWS_DEFAULT_REGION".into())
        .or_insert_with(|| region.into());
    all.entry("TZ".into()).or_insert_with(|| ":UTC".into());
    let memory = function.memory_mb.to_string();
    let group = format!("/aws/lambda/{}", function.name);
    let root = start.directory.to_string_lossy().into_owned();
    let lambda = [
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.as_str()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "offline/[$LATEST]"),
        ("LAMBDA_TASK_ROOT", &root),
        ("LAMBDA_RUNTIME_DIR", &root),
        ("_HANDLER", &function.handler),
    ];
    let runtime = format!("AWS_Lambda_{}", function.runtime);
    all.insert("AWS_EXECUTION_ENV".into(), runtime.into());
    for (name, value) in lambda {
        all.insert(name.into(), value.into());
    }
    let own = extra.of.get(&function.name).into_iter().flatten();
    for (name, value) in function.environment.iter().chain(&extra.all).chain(own) {
        all.insert(name.into(), value.into());
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_our_own_environment_are_not_passed_on() {
        let own = [
            "PATH",
            "COUNTERSIGN_MASTER_KEY",
            "AWS_REGION",
            "AWS_LAMBDA_RUNTIME_API",
            "DB",
        ];
        let own = own.map(|name| (name.into(), "x".into())).to_vec();
        let names: Vec<_> = inherited(own).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["PATH", "AWS_REGION"]);
    }
}
