//! Running as an AWS Lambda function: what the platform's own environment variables say, and the
//! defaults that follow from it. They lie beneath whatever anybody writes.

use std::ffi::OsString;

use super::layers::Layers;
use super::place::Place;
use super::raw::Raw;
use super::table;

/// The variable that Lambda sets for every function with a runtime of its own.
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";
const FUNCTION: &str = "AWS_LAMBDA_FUNCTION_NAME";
const START: &str = "AWS_LAMBDA_INITIALIZATION_TYPE";
const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// With so much memory, in MB, a function has one whole processor.
const MB_PER_PROCESSOR: u32 = 1769;
/// The most processors that Lambda gives.
const MAX_PROCESSORS: u32 = 6;

/// The defaults that differ. A function is public from its first moment, its files are read-only but
/// for `/tmp`, its logs are read by programs, and it answers one request at a time.
const DEFAULTS: &[(&str, &str)] = &[
    ("mode", "production"),
    ("data_dir", "/tmp/countersign"),
    ("ops.listen", "off"),
    ("log.format", "json"),
    ("store.max_connections", "2"),
];

/// The function that this process runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnLambda {
    /// Its name.
    pub function: String,
    /// The memory that it is given, in MB.
    pub memory_mb: u32,
    /// Whether it was started before anybody asked (provisioned concurrency), so that nobody waits.
    pub is_started_ahead: bool,
}

impl OnLambda {
    /// What the environment says; `None` elsewhere than on Lambda.
    pub(in crate::config) fn find(environment: &[(OsString, OsString)]) -> Option<Self> {
        let find = |wanted: &str| {
            let mut values = environment.iter().filter(|(name, _)| name == wanted);
            values.next_back().and_then(|(_, value)| value.to_str())
        };
        find(RUNTIME_API)?;
        Some(Self {
            function: find(FUNCTION).unwrap_or("countersign").to_owned(),
            memory_mb: find(MEMORY).and_then(|mb| mb.parse().ok()).unwrap_or(128),
            is_started_ahead: find(START) == Some("provisioned-concurrency"),
        })
    }

    /// Lays the defaults upon those that hold everywhere.
    pub(in crate::config) fn lay_defaults(&self, layers: &mut Layers) {
        layers.on_lambda = true;
        let mut lay = |key, value: String| {
            if let Some((_, setting)) = table::find(key) {
                layers.push(setting, Raw::untyped(value), Place::Follows("AWS Lambda"));
            }
        };
        for (key, value) in DEFAULTS {
            lay(key, (*value).to_owned());
        }
        let processors = self.memory_mb.div_ceil(MB_PER_PROCESSOR);
        let threads = processors.clamp(1, MAX_PROCESSORS).to_string();
        lay("passwords.hashing.threads", threads);
    }
}
