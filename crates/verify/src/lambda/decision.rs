//! How a question ends: an answer, or an error that the gateway turns into a status. `Unauthorized`, spelled so, is
//! answered 401; any other error 500, never as a permission.

use std::collections::BTreeMap;

use super::answer::{Answer, AppSyncAnswer};
use super::event::Kind;
use crate::authentication::Refusal;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The call may go on.
    Allowed,
    /// A known caller lacks something, or nobody has listed the route: 403.
    Denied,
    /// No token, or none that is accepted: 401.
    Unauthorized,
    /// It could not be found out: 500.
    Failed,
}

impl Outcome {
    /// A stable name for logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Unauthorized => "unauthorized",
            Self::Failed => "failed",
        }
    }

    /// The status that the gateway answers with, or would; 200 for a call that goes on.
    pub const fn status(self) -> u16 {
        match self {
            Self::Allowed => 200,
            Self::Denied => 403,
            Self::Unauthorized => 401,
            Self::Failed => 500,
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// No token, or none that is accepted; holds a stable name of the reason.
    Unauthorized(&'static str),
    /// Whether the token is good can't be told now; holds a stable name of the reason.
    Unavailable(&'static str),
    /// The policy, of so many bytes, is larger than the gateway takes.
    PolicyTooLarge(usize),
    /// The gateway's cache is not keyed as it was said to be.
    WrongIdentitySource,
    /// `AppSync` asked, and nobody has said what its fields take.
    FieldsNotSet,
}

impl Failure {
    pub(super) fn of(refusal: Refusal) -> Self {
        if refusal.is_temporary() {
            Self::Unavailable(refusal.code())
        } else {
            Self::Unauthorized(refusal.code())
        }
    }

    /// The message that the runtime has to be given. `Unauthorized` is a word that the gateway looks for.
    pub fn message(&self) -> String {
        match self {
            Self::Unauthorized(_) => "Unauthorized".into(),
            Self::Unavailable(code) => format!("the token can't be judged now: {code}"),
            Self::PolicyTooLarge(bytes) => format!(
                "the policy has {bytes} bytes, more than is allowed: use fewer routes, with parameters such as {{path+}}"
            ),
            Self::WrongIdentitySource => "the gateway's cache is not keyed as configured: name what holds the token, such as \
                 $request.header.Authorization, among the identity sources; and for simple answers \
                 $context.httpMethod and $context.path, or $context.routeKey, \
                 as the documentation of gateway_cache says"
                .into(),
            Self::FieldsNotSet => "AppSync asks, and no field is listed: list what the fields take, or \"*\" for the \
                 whole API"
                .into(),
        }
    }

    /// A stable name for logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized(code) | Self::Unavailable(code) => code,
            Self::PolicyTooLarge(_) => "policy_too_large",
            Self::WrongIdentitySource => "wrong_identity_source",
            Self::FieldsNotSet => "fields_not_set",
        }
    }
}

/// How one question ended, and with what answer.
#[derive(Clone, Debug)]
#[must_use]
pub struct Decision {
    outcome: Outcome,
    answer: Result<Answer, Failure>,
    reason: Option<&'static str>,
    route: Option<String>,
}

impl Decision {
    pub(super) fn made((answer, allowed): (Answer, bool)) -> Self {
        let outcome = if allowed {
            Outcome::Allowed
        } else {
            Outcome::Denied
        };
        Self {
            outcome,
            answer: Ok(answer),
            reason: (!allowed).then_some("not_permitted"),
            route: None,
        }
    }

    pub(super) fn refused(kind: Kind, failure: Failure) -> Self {
        let outcome = match failure {
            Failure::Unauthorized(_) => Outcome::Unauthorized,
            _ => Outcome::Failed,
        };
        // AppSync knows no word for 401: it wants to hear no.
        let answer = if (kind, outcome) == (Kind::AppSync, Outcome::Unauthorized) {
            Ok(Answer::AppSync(AppSyncAnswer {
                is_authorized: false,
                resolver_context: BTreeMap::new(),
                denied_fields: Vec::new(),
                ttl_override: 0,
            }))
        } else {
            Err(failure)
        };
        Self {
            outcome,
            answer,
            reason: Some(failure.code()),
            route: None,
        }
    }

    pub(super) fn on(mut self, route: Option<String>) -> Self {
        if self.outcome == Outcome::Denied
            && route.is_none()
            && !matches!(self.answer, Ok(Answer::AppSync(_)))
        {
            self.reason = Some("unlisted_route");
        }
        self.route = route;
        self
    }

    /// How it ended.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// A stable name of the reason, for logs; none if the call is allowed.
    pub fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    /// The route of the call as the map has it, for logs; none if nobody has listed it.
    pub fn route(&self) -> Option<&str> {
        self.route.as_deref()
    }

    /// The answer for the gateway. Errors: [`Failure`], whose message goes to the runtime as the function's error.
    pub fn into_answer(self) -> Result<Answer, Failure> {
        self.answer
    }
}
