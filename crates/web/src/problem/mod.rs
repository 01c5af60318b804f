//! Problem details (RFC 9457): the one form in which this crate says no.
//!
//! `code` is stable and for programs, `detail` is for people and may change. `type` is `/problems/`
//! and the code, resolved against the request's own URL: the instance explains its codes there.
//! Nothing that a client sent in a secret's place is ever repeated.

mod answer;
mod code;
mod from_app;
mod from_denied;

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use answer::{Body as ProblemBody, PROBLEM_JSON};
pub use code::Code;

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: String,
    retry_after: Option<Duration>,
    errors: Vec<FieldError>,
    challenge: Option<Challenge>,
    reason: Option<&'static str>,
}

/// What is wrong with one part of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ProblemField)]
pub struct FieldError {
    /// Which part of the body, as a JSON Pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/email")]
    pub pointer: Option<String>,
    /// Which parameter of the query, or which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong, for programs.
    #[schema(example = "invalid")]
    pub code: &'static str,
    /// What is wrong, for people.
    #[schema(example = "not an e-mail address: write it as name@example.com")]
    pub detail: String,
}

/// What `WWW-Authenticate` says beside `Bearer` (RFC 6750 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// A token is needed, and none was shown: no error.
    Plain,
    /// What was shown is not good, and why.
    InvalidToken(String),
    /// The request brings its token in a way it must not.
    InvalidRequest(String),
    /// This scope is lacking.
    InsufficientScope(&'static str),
}

impl Problem {
    /// A problem with the code's own words.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: code.meaning().to_owned(),
            retry_after: None,
            errors: Vec::new(),
            challenge: None,
            reason: None,
        }
    }

    /// The same in other words, which must not repeat a secret.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Says when trying again has a chance.
    #[must_use]
    pub fn retry_after(mut self, after: Option<Duration>) -> Self {
        self.retry_after = after;
        self
    }

    /// Says what is wrong with which part of the input.
    #[must_use]
    pub fn errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Names the one member of the body that is at fault.
    #[must_use]
    pub fn at(self, pointer: &str) -> Self {
        let (code, detail) = (self.code.as_str(), self.detail.clone());
        self.errors(vec![FieldError {
            pointer: Some(pointer.to_owned()),
            parameter: None,
            code,
            detail,
        }])
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Why, for people.
    pub fn text(&self) -> &str {
        &self.detail
    }

    pub(crate) fn challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(challenge);
        self
    }

    pub(crate) fn reason(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }
}
