//! What the events of all formats are made of, and which of them an invocation gets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::incoming::Incoming;
use super::{event_v1, event_v2};
use crate::stack::{Api, ApiKind, Payload};
use crate::template::Place;

/// A request on its route.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) api: &'a Api,
    pub(crate) request: &'a Incoming,
    /// Without the stage, percent-encoded.
    pub(crate) path: String,
    pub(crate) method: String,
    /// `/users/{id}`, or `$default`.
    pub(crate) resource: String,
    pub(crate) route_key: String,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Call<'_> {
    /// The event of the function behind the route.
    pub(crate) fn event(&self, payload: Payload, authorizer: Option<Value>) -> Value {
        match payload {
            Payload::V1 => event_v1::function(self, authorizer),
            Payload::V2 => event_v2::function(self, authorizer),
        }
    }

    /// What policies name: `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH`.
    pub(crate) fn arn(&self) -> String {
        let path = self.path.trim_start_matches('/');
        let rest = format!(
            "{}/{}/{}/{path}",
            self.api_id(),
            self.api.stage,
            self.method
        );
        Place::default().arn("execute-api", &rest)
    }

    pub(crate) fn api_id(&self) -> String {
        let letters = self.api.name.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_lowercase()
    }

    pub(crate) fn domain(&self) -> &str {
        self.request.header("Host").unwrap_or("localhost")
    }

    pub(crate) fn user_agent(&self) -> &str {
        self.request.header("User-Agent").unwrap_or_default()
    }

    /// The body as an event has it, and whether it is in Base64.
    pub(crate) fn body(&self) -> (Option<String>, bool) {
        let body = &self.request.body;
        if body.is_empty() {
            return (None, false);
        }
        let media_type = self.request.media_type();
        let as_bytes = match self.api.kind {
            ApiKind::Rest => {
                media_type.is_some_and(|kind| is_one_of(&kind, &self.api.binary_media_types))
            }
            ApiKind::Http | ApiKind::FunctionUrl => !media_type.is_some_and(|kind| is_text(&kind)),
        };
        match std::str::from_utf8(body) {
            Ok(text) if !as_bytes => (Some(text.to_owned()), false),
            _ if as_bytes => (Some(STANDARD.encode(body)), true),
            // As AWS does it: what is no text is spoilt unless it is declared binary.
            _ => (Some(String::from_utf8_lossy(body).into_owned()), false),
        }
    }

    pub(crate) fn stage_variables(&self) -> Value {
        if self.api.variables.is_empty() {
            Value::Null
        } else {
            json!(self.api.variables)
        }
    }
}

/// What HTTP APIs and function URLs take for text.
fn is_text(media_type: &str) -> bool {
    let subtype = media_type
        .split_once('/')
        .map_or("", |(_, subtype)| subtype);
    media_type.starts_with("text/")
        || matches!(
            media_type,
            "application/json" | "application/javascript" | "application/xml"
        )
        || subtype.ends_with("+json")
        || subtype.ends_with("+xml")
}

/// Whether a media type is in a list that may hold `image/*` and `*/*`.
pub(crate) fn is_one_of(media_type: &str, list: &[String]) -> bool {
    list.iter().any(|entry| {
        let kind = entry.strip_suffix("/*");
        entry == "*/*"
            || entry.eq_ignore_ascii_case(media_type)
            || kind.is_some_and(|kind| media_type.split('/').next() == Some(kind))
    })
}

/// As in `requestContext`: `09/Apr/2015:12:34:56 +0000`.
pub(crate) fn common_log_time(time: Timestamp) -> String {
    time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
}

/// Pairs as an object, or null if there are none.
pub(crate) fn object_or_null(pairs: &[(String, String)]) -> Value {
    if pairs.is_empty() {
        return Value::Null;
    }
    let members: Map<_, _> = pairs
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    Value::Object(members)
}
