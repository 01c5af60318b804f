//! An answer in the form that the event's kind wants. What is text goes as text, which every gateway
//! passes on as it is; anything else goes as base64.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::header::{CONTENT_LENGTH, SET_COOKIE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::event::Kind;

/// What a gateway is given back.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookies: Option<Vec<String>>,
    body: String,
    is_base64_encoded: bool,
}

impl Answer {
    pub(super) fn new(kind: Kind, status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Self {
        let (body, is_base64_encoded) = match std::str::from_utf8(body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (STANDARD.encode(body), true),
        };
        let mut answer = Self {
            status_code: status.as_u16(),
            status_description: None,
            headers: None,
            multi_value_headers: None,
            cookies: None,
            body,
            is_base64_encoded,
        };
        match kind {
            Kind::RestApi | Kind::HttpApi1 | Kind::LoadBalancerMany => {
                answer.multi_value_headers = Some(many(headers));
            }
            Kind::HttpApi2 => {
                let cookies = headers.get_all(SET_COOKIE).iter();
                let cookies = cookies.filter_map(|cookie| Some(cookie.to_str().ok()?.to_owned()));
                answer.cookies = Some(cookies.collect());
                let mut headers = one(headers);
                headers.remove(SET_COOKIE.as_str());
                answer.headers = Some(headers);
            }
            Kind::LoadBalancer => answer.headers = Some(one(headers)),
        }
        if matches!(kind, Kind::LoadBalancer | Kind::LoadBalancerMany) {
            answer.status_description = Some(status.to_string());
        }
        answer
    }
}

/// Every value of each header. The gateway writes the length itself.
fn many(headers: &HeaderMap) -> BTreeMap<String, Vec<String>> {
    let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in headers {
        if name == CONTENT_LENGTH || name == TRANSFER_ENCODING {
            continue;
        }
        if let Ok(value) = value.to_str() {
            map.entry(name.as_str().to_owned())
                .or_default()
                .push(value.to_owned());
        }
    }
    map
}

/// The values of each header as one (RFC 9110 §5.3). Cookies can't be joined: of several, the last goes
/// where the gateway has no place for more.
fn one(headers: &HeaderMap) -> BTreeMap<String, String> {
    let joined = many(headers).into_iter().map(|(name, mut values)| {
        let value = if name == SET_COOKIE.as_str() {
            values.pop().unwrap_or_default()
        } else {
            values.join(", ")
        };
        (name, value)
    });
    joined.collect()
}
