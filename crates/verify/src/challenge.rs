//! How a request is turned away: status, `WWW-Authenticate` (RFC 6750 §3) and problem details
//! (RFC 9457). The only place that maps refusals to HTTP.

use countersign_token::Scopes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use crate::authentication::Refusal;
use crate::principal::MissingScopes;

/// Seconds after which to try again when the issuer's keys are out of reach.
const RETRY_AFTER_SECONDS: &str = "5";

/// Why a request is turned away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// It takes a token, and there is none: 401, `Bearer`.
    TokenRequired,
    /// The token is not accepted: 401, `Bearer error="invalid_token"`; or 503 while that
    /// can't be told ([`Refusal::is_temporary`]).
    Refused(Refusal),
    /// The token is good and not enough: 403, `Bearer error="insufficient_scope", scope="…"`.
    InsufficientScope(Scopes),
}

impl Challenge {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refusal) if refusal.is_temporary() => StatusCode::SERVICE_UNAVAILABLE,
            Self::TokenRequired | Self::Refused(_) => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
        }
    }

    /// The value of `WWW-Authenticate`; `None` for an answer that is none about the token.
    pub fn www_authenticate(&self) -> Option<String> {
        // INVARIANT: messages and scopes have neither quotation marks nor backslashes.
        match self {
            Self::TokenRequired => Some("Bearer".to_owned()),
            Self::Refused(refusal) if refusal.is_temporary() => None,
            Self::Refused(refusal) => Some(format!(
                r#"Bearer error="invalid_token", error_description="{refusal}""#
            )),
            Self::InsufficientScope(scopes) => Some(format!(
                r#"Bearer error="insufficient_scope", scope="{scopes}""#
            )),
        }
    }

    /// The whole answer, with a body of type `application/problem+json`.
    pub fn into_response<B: From<String>>(self) -> Response<B> {
        let mut response = Response::new(B::from(self.problem()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.www_authenticate().map(HeaderValue::try_from) {
            Some(Ok(value)) => {
                headers.insert(WWW_AUTHENTICATE, value);
            }
            // INVARIANT: never reached; scopes and messages are visible ASCII.
            Some(Err(_)) => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            None => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS));
            }
        }
        response
    }

    /// The problem details: `type`, `title`, `status`, `detail`, and `code` for programs.
    fn problem(&self) -> String {
        let (title, code, detail) = match self {
            Self::TokenRequired => (
                "authentication required",
                "token_required",
                "send an access token in the authorization header".to_owned(),
            ),
            Self::Refused(refusal) if refusal.is_temporary() => (
                "temporarily unavailable",
                refusal.code(),
                refusal.to_string(),
            ),
            Self::Refused(refusal) => ("invalid token", refusal.code(), refusal.to_string()),
            Self::InsufficientScope(scopes) => (
                "insufficient scope",
                "insufficient_scope",
                format!("this takes a token with the scope {scopes}"),
            ),
        };
        serde_json::json!({
            "type": "about:blank",
            "title": title,
            "status": self.status().as_u16(),
            "detail": detail,
            "code": code,
        })
        .to_string()
    }
}

impl From<MissingScopes> for Challenge {
    fn from(error: MissingScopes) -> Self {
        Self::InsufficientScope(error.required)
    }
}

impl From<Refusal> for Challenge {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

#[cfg(test)]
mod tests {
    use countersign_token::Rejection;

    use super::*;
    use crate::bearer::BearerError;

    #[test]
    fn every_refusal_makes_a_header_that_can_be_parsed() {
        let rejections = [
            Rejection::Expired,
            Rejection::BadSignature,
            Rejection::MissingClaim("exp"),
            Rejection::MalformedClaim("aud"),
            Rejection::ForbiddenHeader,
            Rejection::CriticalHeader,
            Rejection::WrongType,
            Rejection::UnsupportedAlgorithm,
            Rejection::AlgorithmMismatch,
        ];
        let refusals = rejections.map(Refusal::Token).into_iter().chain(
            [
                BearerError::TwoTokens,
                BearerError::InParameter,
                BearerError::Empty,
                BearerError::Malformed,
            ]
            .map(Refusal::Bearer),
        );
        for refusal in refusals {
            let response: Response<String> = Challenge::Refused(refusal).into_response();
            assert_eq!(response.status(), 401);
            let header = response.headers()[WWW_AUTHENTICATE].to_str().unwrap();
            let start = r#"Bearer error="invalid_token", error_description=""#;
            let description = header
                .strip_prefix(start)
                .unwrap()
                .strip_suffix('"')
                .unwrap();
            assert!(
                !description.contains(['"', '\\']) && description.is_ascii(),
                "{header}"
            );
            let body: serde_json::Value = serde_json::from_str(response.body()).unwrap();
            assert_eq!(body["code"], refusal.code());
        }
    }

    #[test]
    fn unreachable_keys_are_not_the_fault_of_the_token() {
        let challenge = Challenge::Refused(Refusal::KeysUnavailable);
        let response: Response<String> = challenge.into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[RETRY_AFTER], "5");
        assert!(!response.headers().contains_key(WWW_AUTHENTICATE));
    }
}
