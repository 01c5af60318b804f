//! Where in an event the token is: in the one `Authorization` header, or, where it is switched on, in a cookie, or
//! for a WebSocket in the query or in `Sec-WebSocket-Protocol`, since browsers can't set headers there. A token in
//! two places is refused, wherever they are.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::event::{Event, Kind};
use crate::bearer::{Bearer, BearerError};

/// The parameter of RFC 6750 §2.3.
const PARAMETER: &str = "access_token";
/// What stands before a token among the protocols of a WebSocket.
const PROTOCOL: &str = "bearer.";

/// Where a token may be, besides the `Authorization` header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenPlaces {
    cookie: Option<String>,
    websocket_query: bool,
    websocket_protocol: bool,
}

impl TokenPlaces {
    /// The `Authorization` header only.
    pub fn header_only() -> Self {
        Self::default()
    }

    /// Also the cookie `name`. Browsers send cookies along with calls that other sites cause: the API behind has to
    /// have a defence against that (`SameSite`, a CSRF token).
    #[must_use]
    pub fn or_cookie(mut self, name: impl Into<String>) -> Self {
        self.cookie = Some(name.into());
        self
    }

    /// Also `?access_token=…` of a WebSocket's address. Addresses end up in logs: prefer the protocol.
    #[must_use]
    pub fn or_websocket_query(mut self) -> Self {
        self.websocket_query = true;
        self
    }

    /// Also `Sec-WebSocket-Protocol: bearer.<token>`, beside the protocol that is spoken. The function behind
    /// `$connect` has to answer with the protocol that is spoken, and never with this one.
    #[must_use]
    pub fn or_websocket_protocol(mut self) -> Self {
        self.websocket_protocol = true;
        self
    }

    /// The token of an event. `Ok(None)` is none at all.
    pub(super) fn token(&self, event: &Event) -> Result<Option<String>, BearerError> {
        let mut found = Vec::new();
        found.extend(authorization(event)?);
        let websocket = event.kind() == Kind::WebSocket;
        let parameters = event.parameter(PARAMETER);
        let in_place = websocket && self.websocket_query;
        if !parameters.is_empty() && !in_place {
            return Err(if found.is_empty() {
                BearerError::InParameter
            } else {
                BearerError::TwoTokens
            });
        }
        found.extend(parameters);
        if websocket && self.websocket_protocol {
            found.extend(protocols(event));
        }
        if let Some(name) = &self.cookie {
            found.extend(cookies(event, name));
        }
        if found.len() > 1 {
            return Err(BearerError::TwoTokens);
        }
        match found.pop() {
            None => Ok(None),
            Some(token) => checked(&token).map(Some),
        }
    }
}

/// The grammar of the header holds for a token from anywhere.
fn checked(token: &str) -> Result<String, BearerError> {
    let mut headers = HeaderMap::new();
    let value = HeaderValue::from_str(&format!("Bearer {token}"));
    headers.insert(AUTHORIZATION, value.map_err(|_| BearerError::Malformed)?);
    match Bearer::from_headers(&headers) {
        Bearer::Token(token) => Ok(token.to_owned()),
        Bearer::Malformed(error) => Err(error),
        Bearer::Absent => Err(BearerError::Empty),
    }
}

fn authorization(event: &Event) -> Result<Option<String>, BearerError> {
    let values = match event.kind() {
        Kind::RestToken | Kind::AppSync => event
            .members
            .authorization_token
            .iter()
            .map(String::as_str)
            .collect(),
        _ => event.header("authorization"),
    };
    let mut headers = HeaderMap::new();
    for value in values {
        // AppSync's clients send the bare token: its console and Amplify do.
        let bare = event.kind() == Kind::AppSync && !value.contains(' ');
        let value = if bare {
            Cow::from(format!("Bearer {value}"))
        } else {
            Cow::from(value)
        };
        let value = HeaderValue::from_str(&value).map_err(|_| BearerError::Malformed)?;
        headers.append(AUTHORIZATION, value);
    }
    match Bearer::from_headers(&headers) {
        Bearer::Absent => Ok(None),
        Bearer::Token(token) => Ok(Some(token.to_owned())),
        Bearer::Malformed(error) => Err(error),
    }
}

fn protocols(event: &Event) -> Vec<String> {
    let values = event.header("sec-websocket-protocol");
    let offered = values.iter().flat_map(|value| value.split(','));
    let tokens = offered.filter_map(|one| one.trim().strip_prefix(PROTOCOL));
    tokens.map(str::to_owned).collect()
}

fn cookies(event: &Event, name: &str) -> Vec<String> {
    let listed = event.members.cookies.iter().flatten().map(String::as_str);
    let header = event.header("cookie");
    // Payload 2.0 has both or either, with the same content.
    let all: Vec<&str> = if event.members.cookies.is_some() {
        listed.collect()
    } else {
        header
    };
    let pairs = all.iter().flat_map(|value| value.split(';'));
    let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    let named = pairs.filter(|(key, _)| *key == name);
    named
        .map(|(_, value)| value.trim_matches('"').to_owned())
        .collect()
}
