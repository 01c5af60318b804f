//! The events by which AWS calls a function for HTTP: a REST API (payload 1.0), an HTTP API (1.0 and
//! 2.0), a function URL (2.0) and an application load balancer, with multi-value headers or without;
//! and the event of a schedule. It only reads them; `request.rs` says what they mean.
//!
//! The conversion is ours and not `lambda_http`'s, whose 1.3 drops all but the last of several headers
//! of one name (so that two access tokens look like one), decodes a load balancer's query as a whole
//! (so that `%26` begins another parameter), and keeps one value of several in an answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// Names and values as they stand in an event; AWS writes `null` for a map that is empty.
pub(super) type One = Option<BTreeMap<String, String>>;
/// The same with every value of a name.
pub(super) type Many = Option<BTreeMap<String, Vec<String>>>;

/// What a function was called with.
pub(super) enum Event {
    /// A request over HTTP, and by which kind of event.
    Http(Box<HttpEvent>, Kind),
    /// It is time to look after the keys and to clear away what is over.
    Maintain,
    /// Something else.
    Unknown,
}

/// The kinds of HTTP events, which differ in what they carry and in the answer that they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A REST API.
    RestApi,
    /// An HTTP API with payload 1.0.
    HttpApi1,
    /// An HTTP API with payload 2.0, or a function URL.
    HttpApi2,
    /// A load balancer that gives the last value of each header.
    LoadBalancer,
    /// A load balancer that gives all values of each header.
    LoadBalancerMany,
}

/// An HTTP event as it is written, whichever kind it is of. Without `Debug`: it holds credentials.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HttpEvent {
    version: Option<String>,
    pub(super) http_method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) raw_path: Option<String>,
    pub(super) raw_query_string: Option<String>,
    pub(super) headers: One,
    pub(super) multi_value_headers: Many,
    pub(super) query_string_parameters: One,
    pub(super) multi_value_query_string_parameters: Many,
    pub(super) cookies: Option<Vec<String>>,
    pub(super) body: Option<String>,
    #[serde(default)]
    pub(super) is_base64_encoded: bool,
    pub(super) request_context: RequestContext,
}

/// What the gateway says of a request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestContext {
    pub(super) stage: Option<String>,
    pub(super) http: Option<HttpContext>,
    pub(super) identity: Option<Identity>,
    elb: Option<IgnoredAny>,
}

/// Payload 2.0: the request's line and its client.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HttpContext {
    pub(super) method: String,
    pub(super) source_ip: Option<String>,
}

/// Payload 1.0: the client.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity {
    pub(super) source_ip: Option<String>,
}

/// An event that is not HTTP's.
#[derive(Deserialize)]
struct Other {
    source: Option<String>,
    countersign: Option<String>,
}

impl Event {
    /// Reads an event.
    pub(super) fn read(json: &str) -> Self {
        if let Ok(event) = serde_json::from_str::<HttpEvent>(json) {
            return match event.kind() {
                Some(kind) => Self::Http(Box::new(event), kind),
                None => Self::Unknown,
            };
        }
        match serde_json::from_str::<Other>(json) {
            Ok(other) if other.asks_for_maintenance() => Self::Maintain,
            Ok(_) | Err(_) => Self::Unknown,
        }
    }
}

impl HttpEvent {
    fn kind(&self) -> Option<Kind> {
        let context = &self.request_context;
        match self.version.as_deref() {
            _ if context.elb.is_some() => Some(if self.multi_value_headers.is_some() {
                Kind::LoadBalancerMany
            } else {
                Kind::LoadBalancer
            }),
            Some("2.0") if context.http.is_some() => Some(Kind::HttpApi2),
            Some("1.0") => Some(Kind::HttpApi1),
            None if self.http_method.is_some() => Some(Kind::RestApi),
            _ => None,
        }
    }
}

impl Other {
    /// A rule or schedule of `EventBridge`, or the plain `{"countersign":"maintain"}`.
    fn asks_for_maintenance(&self) -> bool {
        self.countersign.as_deref() == Some("maintain")
            || matches!(self.source.as_deref(), Some("aws.events" | "aws.scheduler"))
    }
}
