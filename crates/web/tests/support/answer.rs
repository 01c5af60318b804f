//! What came back.

use axum::body::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; `null` if there is none.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The one value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        assert!(values.next().is_none(), "{name} comes twice");
        Some(value.to_str().unwrap())
    }

    /// The `code` of a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Checks the status and goes on.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// The whole answer for a snapshot, without the request's id, which it must have.
    pub fn whole(&self) -> Value {
        assert!(!self.header("x-request-id").unwrap_or_default().is_empty());
        let mut headers = serde_json::Map::new();
        for (name, value) in &self.headers {
            if name == "x-request-id" || name == "content-length" {
                continue;
            }
            let text = value.to_str().unwrap().to_owned();
            let both = match headers.get(name.as_str()) {
                Some(Value::String(before)) => format!("{before}, {text}"),
                _ => text,
            };
            headers.insert(name.to_string(), both.into());
        }
        json!({ "status": self.status.as_u16(), "headers": headers, "body": self.json() })
    }
}

/// Checks a `UUIDv7`; for redactions.
pub fn assert_is_id(value: &str) {
    let id = uuid::Uuid::parse_str(value).unwrap();
    assert_eq!(id.get_version_num(), 7, "{value}");
}

/// Checks an RFC 3339 moment; for redactions.
pub fn assert_is_moment(value: &str) {
    let moment: countersign_domain::time::Timestamp = value.parse().unwrap();
    assert_eq!(moment.to_string(), value);
}
