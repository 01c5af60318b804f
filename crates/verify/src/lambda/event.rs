//! What a gateway asks: six shapes of events, told apart by what they hold. Only what a decision needs is read;
//! what else a gateway sends, today or later, is skipped.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::arn::MethodArn;

/// A question of a gateway.
///
/// ```
/// use countersign_verify::lambda::{Event, Kind};
///
/// let event = Event::from_slice(br#"{
///     "type": "TOKEN",
///     "authorizationToken": "Bearer abc.def.ghi",
///     "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcdef123/prod/GET/me"
/// }"#)?;
/// assert_eq!(event.kind(), Kind::RestToken);
/// # Ok::<(), countersign_verify::lambda::EventError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Event {
    pub(super) kind: Kind,
    /// `None` from `AppSync`, which asks about a whole API.
    pub(super) arn: Option<MethodArn>,
    pub(super) members: Members,
}

/// Who asks, and in which shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A REST API, authorizer of type `TOKEN`.
    RestToken,
    /// A REST API, authorizer of type `REQUEST`.
    RestRequest,
    /// An HTTP API, payload format 1.0.
    Http1,
    /// An HTTP API, payload format 2.0.
    Http2,
    /// A WebSocket API, route `$connect`.
    WebSocket,
    /// AWS `AppSync`, authorization mode `AWS_LAMBDA`.
    AppSync,
}

impl Kind {
    /// A stable name for logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RestToken => "rest_token",
            Self::RestRequest => "rest_request",
            Self::Http1 => "http_1.0",
            Self::Http2 => "http_2.0",
            Self::WebSocket => "websocket",
            Self::AppSync => "appsync",
        }
    }
}

/// Why an event is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// No JSON, or a field of a wrong type.
    #[error("the event is no JSON object of a gateway's authorizer")]
    Malformed,
    /// None of the shapes.
    #[error(
        "the event is of no known shape: this function is an authorizer, invoke it from API Gateway or AppSync"
    )]
    UnknownShape,
    /// The name of the call is missing or malformed.
    #[error("the event names no method of an API (methodArn, routeArn)")]
    NoMethod,
}

impl EventError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed_event",
            Self::UnknownShape => "unknown_event",
            Self::NoMethod => "no_method_arn",
        }
    }
}

type Single = BTreeMap<String, Option<String>>;
type Multiple = BTreeMap<String, Option<Vec<String>>>;

/// The members of all shapes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Members {
    r#type: Option<String>,
    version: Option<String>,
    method_arn: Option<String>,
    route_arn: Option<String>,
    pub(super) route_key: Option<String>,
    pub(super) raw_path: Option<String>,
    pub(super) raw_query_string: Option<String>,
    pub(super) authorization_token: Option<String>,
    /// The values that the gateway's cache is keyed by: a list in payload 2.0, one string in 1.0.
    identity_source: Option<Value>,
    pub(super) headers: Option<Single>,
    pub(super) multi_value_headers: Option<Multiple>,
    pub(super) query_string_parameters: Option<Single>,
    pub(super) multi_value_query_string_parameters: Option<Multiple>,
    pub(super) cookies: Option<Vec<String>>,
    #[serde(default)]
    pub(super) request_context: Context,
}

/// The members of `requestContext`, of all shapes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context {
    api_id: Option<String>,
    event_type: Option<String>,
    query_string: Option<String>,
    pub(super) request_id: Option<String>,
    #[serde(default)]
    pub(super) http: Http,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Http {
    pub(super) path: Option<String>,
}

impl Event {
    /// Reads an event. Errors: [`EventError`].
    pub fn from_slice(json: &[u8]) -> Result<Self, EventError> {
        Self::of(serde_json::from_slice(json).map_err(|_| EventError::Malformed)?)
    }

    /// Reads an event that is JSON already. Errors: [`EventError`].
    pub fn from_value(json: Value) -> Result<Self, EventError> {
        Self::of(serde_json::from_value(json).map_err(|_| EventError::Malformed)?)
    }

    fn of(raw: Members) -> Result<Self, EventError> {
        let context = &raw.request_context;
        let kind = match (raw.r#type.as_deref(), raw.version.as_deref()) {
            (Some("TOKEN"), _) => Kind::RestToken,
            (Some("REQUEST"), Some("2.0")) => Kind::Http2,
            (Some("REQUEST"), Some("1.0")) => Kind::Http1,
            (Some("REQUEST"), None) if context.event_type.as_deref() == Some("CONNECT") => {
                Kind::WebSocket
            }
            (Some("REQUEST"), None) => Kind::RestRequest,
            (None, None) if context.query_string.is_some() && context.api_id.is_some() => {
                Kind::AppSync
            }
            _ => return Err(EventError::UnknownShape),
        };
        let arn = match kind {
            Kind::AppSync => None,
            Kind::Http2 => Some(&raw.route_arn),
            _ => Some(&raw.method_arn),
        };
        let arn = match arn {
            None => None,
            Some(arn) => {
                let arn = arn.as_deref().and_then(MethodArn::parse);
                Some(arn.ok_or(EventError::NoMethod)?)
            }
        };
        Ok(Self {
            kind,
            arn,
            members: raw,
        })
    }

    /// Who asks, and in which shape.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The method of the call that caused the question; none from `AppSync`.
    pub fn method(&self) -> Option<&str> {
        self.arn.as_ref().map(|arn| arn.method.as_str())
    }

    /// The gateway's id of the request that caused the question.
    pub fn request_id(&self) -> Option<&str> {
        self.members.request_context.request_id.as_deref()
    }

    /// Whether `value` is one of those that the gateway's cache is keyed by.
    pub(super) fn is_keyed_by(&self, value: &str) -> bool {
        let list = self
            .members
            .identity_source
            .as_ref()
            .and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(value)))
    }

    /// Whether the gateway's cache has a key, and `token` is no part of it: then an answer would serve whoever comes
    /// next. A REST API doesn't tell.
    pub(super) fn is_keyed_without(&self, token: &str) -> bool {
        let values = match &self.members.identity_source {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(joined)) => vec![joined.as_str()],
            _ => Vec::new(),
        };
        let is_keyed = values.iter().any(|value| !value.is_empty());
        is_keyed && !values.iter().any(|value| value.contains(token))
    }

    /// The values of a header, whatever the case of its name.
    pub(super) fn header(&self, name: &str) -> Vec<&str> {
        let multiple = self.members.multi_value_headers.iter().flatten();
        let multiple = multiple.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let values: Vec<_> = multiple
            .flat_map(|(_, values)| values.iter().flatten())
            .collect();
        if !values.is_empty() {
            return values.into_iter().map(String::as_str).collect();
        }
        let single = self.members.headers.iter().flatten();
        let single = single.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        single.filter_map(|(_, value)| value.as_deref()).collect()
    }

    /// The values of a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Vec<String> {
        if let Some(query) = &self.members.raw_query_string {
            let pairs = form_urlencoded::parse(query.as_bytes());
            let named = pairs.filter(|(key, _)| key == name);
            return named.map(|(_, value)| value.into_owned()).collect();
        }
        let multiple = self
            .members
            .multi_value_query_string_parameters
            .iter()
            .flatten();
        let multiple = multiple.filter(|(key, _)| *key == name);
        let values: Vec<_> = multiple
            .flat_map(|(_, values)| values.iter().flatten().cloned())
            .collect();
        if !values.is_empty() {
            return values;
        }
        let single = self.members.query_string_parameters.iter().flatten();
        let single = single.filter(|(key, _)| *key == name);
        single
            .map(|(_, value)| value.clone().unwrap_or_default())
            .collect()
    }
}
