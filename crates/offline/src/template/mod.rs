//! Reads a template, AWS SAM's or the Serverless Framework's, into a [`Stack`]. What it says that
//! can't run here is warned of, and left out.

mod api_gateway_v2;
mod cors;
mod globals;
mod intrinsics;
mod sam;
mod sam_api;
mod serverless;
mod serverless_api;
mod serverless_variables;
mod values;
mod yaml;

pub(crate) use values::text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::stack::Stack;
use crate::text_file;

/// What a template is read with.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Another stage than the template's.
    pub stage: Option<String>,
    /// Parameters of a SAM template, and options (`${opt:…}`) of a Serverless one.
    pub parameters: BTreeMap<String, String>,
    /// The environment that `${env:…}` means.
    pub environment: BTreeMap<String, String>,
}

/// Why a template can't be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file can't be read.
    #[error("the template {path} can't be read: {source}; name another with --template", path = .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is not YAML.
    #[error("the template {path} is not YAML: {reason}", path = .path.display())]
    Yaml {
        /// Which file.
        path: PathBuf,
        /// Why not, with the line.
        reason: String,
    },
    /// It is YAML, and no template.
    #[error(
        "{path} is neither a SAM template (it has no Resources) nor a serverless.yml (it has no \
         provider and functions)", path = .0.display()
    )]
    Unknown(PathBuf),
}

/// Where a stack pretends to be.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) account: String,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
        }
    }
}

impl Place {
    pub(crate) fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{rest}", self.region, self.account)
    }
}

/// Reads the template at `path`; paths in it start at its directory.
pub fn read(path: &Path, choices: &Choices) -> Result<Stack, TemplateError> {
    let template = document(path)?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if template.get("Resources").is_some() {
        Ok(sam::read(&template, directory, choices))
    } else if template.get("functions").is_some() && template.get("provider").is_some() {
        Ok(serverless::read(&template, directory, choices))
    } else {
        Err(TemplateError::Unknown(path.to_owned()))
    }
}

/// A YAML or JSON file as a value.
fn document(path: &Path) -> Result<Value, TemplateError> {
    let text = text_file::read(path).map_err(|source| TemplateError::Read {
        path: path.to_owned(),
        source,
    })?;
    yaml::parse(&text).map_err(|reason| TemplateError::Yaml {
        path: path.to_owned(),
        reason,
    })
}

/// A method as routes have it: upper case, `*` and `x-amazon-apigateway-any-method` as `ANY`.
fn method(text: &str) -> String {
    match text {
        "*" | "x-amazon-apigateway-any-method" => "ANY".to_owned(),
        other => other.to_ascii_uppercase(),
    }
}

/// One text or many, as a list.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().map(values::text).collect(),
        Some(one) => vec![values::text(one)],
    }
}

/// A number of seconds, written as one or as text.
fn number(value: Option<&Value>) -> Option<u64> {
    value.and_then(|value| values::text(value).parse().ok())
}

fn is_true(value: Option<&Value>) -> bool {
    value.is_some_and(|value| values::text(value).eq_ignore_ascii_case("true"))
}
