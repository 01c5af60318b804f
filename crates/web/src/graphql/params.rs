//! The parameters of a GraphQL request, from a JSON body or an address: `query`, `operationName`,
//! `variables`, `extensions`, each of its one type.

use std::collections::BTreeMap;

use async_graphql::Variables;
use serde::Deserialize;

use super::errors::{Code, Fault, Result};
use super::execute::bad_request;

/// The parameters of a request.
#[derive(Debug)]
pub(super) struct Parameters {
    /// The document.
    pub(super) query: String,
    /// Which of its operations to run.
    pub(super) operation_name: Option<String>,
    /// The variables.
    pub(super) variables: Variables,
}

/// What a body may hold. Members that the draft does not know are let pass, as it says; one that
/// comes twice is refused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: String,
    #[serde(default)]
    operation_name: Option<String>,
    #[serde(default)]
    variables: Option<Map>,
    #[serde(default, rename = "extensions")]
    _extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// `Variables` alone would let anything pass for none.
#[derive(Deserialize)]
#[serde(transparent)]
struct Map(BTreeMap<async_graphql::Name, async_graphql::Value>);

impl From<Map> for Variables {
    fn from(map: Map) -> Self {
        let mut variables = Self::default();
        *variables = map.0;
        variables
    }
}

impl Parameters {
    /// Reads a JSON body. Errors say nothing of what stands in it.
    pub(super) fn from_json(body: &[u8]) -> Result<Self> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'[') {
            let why = "several requests in one body are not taken: send each by itself";
            return Err(Fault::new(Code::BatchRefused, why));
        }
        let body: Body = serde_json::from_slice(body).map_err(|error| {
            if error.is_data() {
                bad_request(
                    "the body must be a JSON object with `query` (a string), and may have \
                     `operationName` (a string), `variables` and `extensions` (objects)",
                )
            } else {
                bad_request("the body is not JSON")
            }
        })?;
        let Body {
            query,
            operation_name,
            variables,
            ..
        } = body;
        let variables = variables.map(Variables::from).unwrap_or_default();
        Ok(Self {
            query,
            operation_name,
            variables,
        })
    }

    /// Reads the query of an address.
    pub(super) fn from_address(query: &str) -> Result<Self> {
        let (mut document, mut operation_name) = (None, None);
        let (mut variables, mut extensions) = (None, None);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "query" => &mut document,
                "operationName" => &mut operation_name,
                "variables" => &mut variables,
                "extensions" => &mut extensions,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(bad_request("a parameter stands twice in the address"));
            }
        }
        let query = document.ok_or_else(|| bad_request("the address lacks `query`"))?;
        if let Some(text) = extensions.filter(|text| !text.is_empty()) {
            let _: Option<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(&text)
                .map_err(|_| bad_request("`extensions` must be a JSON object"))?;
        }
        let variables: Option<Map> = match variables.filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => serde_json::from_str(&text)
                .map_err(|_| bad_request("`variables` must be a JSON object"))?,
        };
        let operation_name = operation_name.filter(|name| !name.is_empty());
        let variables = variables.map(Variables::from).unwrap_or_default();
        Ok(Self {
            query,
            operation_name,
            variables,
        })
    }
}
