//! What the gateways answer by themselves, in AWS's own statuses and bodies, which differ between
//! REST APIs, HTTP APIs and function URLs.

use serde_json::{Value, json};

use super::outgoing::Outgoing;
use crate::stack::ApiKind;

/// Why the gateway answers by itself. Each carries the reason for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No route matches.
    NoRoute,
    /// The path does not begin with the stage (REST APIs).
    WrongStage,
    /// What identifies the caller is missing or malformed; or the authorizer said `Unauthorized`.
    Unauthorized(String),
    /// The authorizer denied it; whether it said so, or merely did not allow it.
    Denied { explicit: bool, why: String },
    /// The route asks for an API key, and there are none here.
    ApiKey,
    /// The authorizer failed, or its answer makes no sense.
    AuthorizerFailed(String),
    /// The request is over 10 MB, or its event over 6 MB.
    TooLarge,
    /// The function failed, or its answer makes no sense.
    FunctionFailed(String),
    /// The gateway's own patience ended.
    Impatient,
}

impl Refusal {
    /// Why, for people.
    pub(crate) fn why(&self) -> String {
        match self {
            Self::NoRoute => "no route".to_owned(),
            Self::WrongStage => "no stage in the path".to_owned(),
            Self::ApiKey => "the route asks for an API key, which can't be checked here".to_owned(),
            Self::Unauthorized(why)
            | Self::Denied { why, .. }
            | Self::AuthorizerFailed(why)
            | Self::FunctionFailed(why) => why.clone(),
            Self::TooLarge => "larger than AWS takes (10 MB a request, 6 MB an event)".to_owned(),
            Self::Impatient => "the function took longer than the gateway waits".to_owned(),
        }
    }

    /// The answer of this kind of gateway.
    pub(crate) fn answer(&self, kind: ApiKind) -> Outgoing {
        match kind {
            ApiKind::Rest => self.of_rest(),
            ApiKind::Http => self.of_http(),
            ApiKind::FunctionUrl => self.of_url(),
        }
    }

    fn of_rest(&self) -> Outgoing {
        let (status, kind, body) = match self {
            Self::NoRoute => (
                403,
                "MissingAuthenticationTokenException",
                message("Missing Authentication Token"),
            ),
            Self::WrongStage | Self::ApiKey => (403, "ForbiddenException", message("Forbidden")),
            Self::Unauthorized(_) => (401, "UnauthorizedException", message("Unauthorized")),
            Self::Denied { explicit, .. } => {
                let end = if *explicit {
                    " with an explicit deny"
                } else {
                    ""
                };
                let text = format!("User is not authorized to access this resource{end}");
                (403, "AccessDeniedException", json!({"Message": text}))
            }
            Self::AuthorizerFailed(_) => (
                500,
                "AuthorizerConfigurationException",
                json!({"message": null}),
            ),
            Self::TooLarge => (413, "RequestTooLargeException", message("Request Too Long")),
            Self::FunctionFailed(_) => (
                502,
                "InternalServerErrorException",
                message("Internal server error"),
            ),
            Self::Impatient => (
                504,
                "InternalServerErrorException",
                message("Endpoint request timed out"),
            ),
        };
        Outgoing::json(status, &body).with("x-amzn-ErrorType", kind)
    }

    fn of_http(&self) -> Outgoing {
        let (status, text) = match self {
            Self::NoRoute | Self::WrongStage => (404, "Not Found"),
            Self::Unauthorized(_) => (401, "Unauthorized"),
            Self::Denied { .. } | Self::ApiKey => (403, "Forbidden"),
            Self::AuthorizerFailed(_) | Self::FunctionFailed(_) => (500, "Internal Server Error"),
            Self::TooLarge => (413, "Request Entity Too Large"),
            Self::Impatient => (503, "Service Unavailable"),
        };
        Outgoing::json(status, &message(text))
    }

    fn of_url(&self) -> Outgoing {
        match self {
            Self::Unauthorized(_)
            | Self::Denied { .. }
            | Self::ApiKey
            | Self::AuthorizerFailed(_) => Outgoing::json(403, &json!({"Message": "Forbidden"}))
                .with("x-amzn-ErrorType", "AccessDeniedException"),
            Self::TooLarge => Outgoing::json(413, &json!({"Message": "Request Entity Too Large"})),
            _ => Outgoing::text(502, "text/plain", "Internal Server Error"),
        }
    }
}

fn message(text: &str) -> Value {
    json!({"message": text})
}
