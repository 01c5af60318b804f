//! The query of a request: known parameters, each once.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::Refused;
use super::fields::{Fields, Place, fault};
use crate::problem::Problem;

/// A query, still in pairs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            pairs: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        })
    }
}

impl Query {
    /// Runs a reader over the parameters.
    pub(crate) fn read<T>(&self, reader: impl Fn(&mut Fields) -> Option<T>) -> Result<T, Problem> {
        let mut given = Map::new();
        let mut errors = Vec::new();
        for (name, value) in &self.pairs {
            if given
                .insert(name.clone(), Value::String(value.clone()))
                .is_some()
            {
                errors.push(fault(Place::Query, name, Refused::twice()));
            }
        }
        Fields::new(Place::Query, given, errors).read(reader)
    }

    /// The same query with these parameters instead of those in `without`.
    pub(crate) fn with(&self, without: &[&str], name: &str, value: &str) -> String {
        let kept = self
            .pairs
            .iter()
            .filter(|(name, _)| !without.contains(&name.as_str()));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept)
            .append_pair(name, value)
            .finish()
    }
}
