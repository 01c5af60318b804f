//! The messages of the protocol `graphql-transport-ws`, strictly typed: what is not here closes the
//! connection.

use async_graphql::{Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FromClient {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping { payload: Option<Map<String, Value>> },
    Pong {},
    Subscribe { id: String, payload: Box<Request> },
    Complete { id: String },
}

/// What a server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ToClient<'a> {
    ConnectionAck {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Value>,
    },
    Next {
        id: &'a str,
        payload: Box<Response>,
    },
    Error {
        id: &'a str,
        payload: [Value; 1],
    },
    Complete {
        id: &'a str,
    },
}

impl FromClient {
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl ToClient<'_> {
    /// The text; `None` for an answer that is no JSON, such as one with a number that is not finite.
    pub(super) fn text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}
