//! A problem as an HTTP answer: status, `application/problem+json`, `WWW-Authenticate` and
//! `Retry-After`.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Challenge, FieldError, Problem};
use crate::kernel::base_path::link;

/// The media type of problems (RFC 9457 §3).
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body<'a> {
    /// Where this kind of problem is explained, relative to the request's own address.
    #[schema(example = "/problems/throttled")]
    r#type: String,
    /// A short name of the kind.
    #[schema(example = "Too many attempts")]
    title: &'static str,
    /// The status of the answer.
    #[schema(example = 429)]
    status: u16,
    /// The kind, for programs. Stable.
    #[schema(example = "throttled")]
    code: &'static str,
    /// What is wrong, for people.
    #[schema(example = "too many attempts: wait as long as `Retry-After` says")]
    detail: &'a str,
    /// Why a token is not good, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Seconds after which trying again has a chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    /// What is wrong with which part of the input.
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    #[schema(value_type = Vec<FieldError>)]
    errors: &'a [FieldError],
}

impl Problem {
    /// Whole seconds to wait, rounded up, at least one.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|after| after.as_millis().div_ceil(1000).max(1))
            .map(|seconds| u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// The address of the explanation, relative to the instance.
    pub fn type_uri(&self) -> String {
        link(&format!("/problems/{}", self.code.as_str()))
    }

    fn body(&self) -> Body<'_> {
        Body {
            r#type: self.type_uri(),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            code: self.code.as_str(),
            detail: &self.detail,
            reason: self.reason,
            retry_after: self.retry_after_seconds(),
            errors: &self.errors,
        }
    }
}

impl Challenge {
    /// The value of `WWW-Authenticate`.
    fn header(&self) -> HeaderValue {
        let text = match self {
            Self::Plain => "Bearer".to_owned(),
            Self::InvalidToken(why) => described("invalid_token", why),
            Self::InvalidRequest(why) => described("invalid_request", why),
            Self::InsufficientScope(scope) => {
                format!(r#"Bearer error="insufficient_scope", scope="{scope}""#)
            }
        };
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
    }
}

/// A description keeps to the characters that RFC 6750 §3 allows.
fn described(error: &str, why: &str) -> String {
    let plain: String = why
        .chars()
        .filter(|c| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~'))
        .collect();
    format!(r#"Bearer error="{error}", error_description="{plain}""#)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.body()).unwrap_or_default();
        let mut response = (self.code.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds() {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = &self.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge.header());
        }
        response
    }
}
