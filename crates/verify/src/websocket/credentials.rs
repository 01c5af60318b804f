//! The token in a payload: under `Authorization` as in a header, or alone under `authToken`. One of the two,
//! once; a payload that was meant to bring a token and does not is never taken for one without.

use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use crate::authentication::Refusal;
use crate::bearer::{Bearer, BearerError};

/// The token that a payload brings, if it brings one.
pub(super) fn token(payload: Option<&Map<String, Value>>) -> Result<Option<String>, Refusal> {
    let mut headers = HeaderMap::new();
    for (name, value) in payload.into_iter().flatten() {
        let is_header = name.eq_ignore_ascii_case("authorization");
        if !is_header && name != "authToken" {
            continue;
        }
        let text = match value {
            Value::String(text) if is_header => text.clone(),
            Value::String(token) => format!("Bearer {token}"),
            // `connectionParams` of somebody who is not logged in.
            Value::Null => continue,
            _ => return Err(BearerError::Malformed.into()),
        };
        let value = HeaderValue::try_from(text).map_err(|_| BearerError::Malformed)?;
        headers.append(AUTHORIZATION, value);
    }
    match Bearer::from_headers(&headers) {
        Bearer::Absent if headers.is_empty() => Ok(None),
        // Another scheme: here it has no other meaning.
        Bearer::Absent => Err(BearerError::Malformed.into()),
        Bearer::Malformed(error) => Err(error.into()),
        Bearer::Token(token) => Ok(Some(token.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payload_brings_one_token_or_none_and_nothing_in_between() {
        let malformed = Err(BearerError::Malformed.into());
        for (payload, answer) in [
            (json!({}), Ok(None)),
            (json!({ "other": 1 }), Ok(None)),
            (json!({ "authToken": null }), Ok(None)),
            (json!({ "authToken": "abc" }), Ok(Some("abc".to_owned()))),
            (
                json!({ "Authorization": "Bearer abc" }),
                Ok(Some("abc".to_owned())),
            ),
            (
                json!({ "authorization": "bearer abc" }),
                Ok(Some("abc".to_owned())),
            ),
            (json!({ "Authorization": "abc" }), malformed.clone()),
            (json!({ "Authorization": "Basic eDp5" }), malformed.clone()),
            (
                json!({ "Authorization": ["Bearer abc"] }),
                malformed.clone(),
            ),
            (json!({ "authToken": 7 }), malformed.clone()),
            (json!({ "authToken": "a b" }), malformed.clone()),
            (json!({ "authToken": "a\r\nb" }), malformed),
            (json!({ "authToken": "" }), Err(BearerError::Empty.into())),
            (
                json!({ "authToken": "abc", "Authorization": "Bearer abc" }),
                Err(BearerError::TwoTokens.into()),
            ),
            (
                json!({ "authorization": "Bearer abc", "Authorization": "Bearer abc" }),
                Err(BearerError::TwoTokens.into()),
            ),
        ] {
            assert_eq!(token(payload.as_object()), answer, "{payload}");
        }
        assert_eq!(token(None), Ok(None));
    }
}
