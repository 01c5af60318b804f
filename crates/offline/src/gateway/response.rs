//! What a function returned, as an answer over HTTP: REST APIs want a `statusCode`, HTTP APIs in
//! format 2.0 and function URLs make do with anything that is JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::event::{Call, is_one_of};
use super::outgoing::Outgoing;
use crate::stack::{ApiKind, Payload};

/// Headers that REST APIs put aside under another name.
const REMAPPED: &[&str] = &[
    "connection",
    "content-md5",
    "date",
    "server",
    "www-authenticate",
];
/// Headers that say how the answer travels, which is our own affair.
const OWN: &[&str] = &[
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
];

/// Reads what a function returned. The error is in words.
pub(crate) fn read(call: &Call<'_>, payload: Payload, bytes: &Bytes) -> Result<Outgoing, String> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|_| "the function's answer is no JSON".to_owned())?;
    let has_status = value.get("statusCode").is_some();
    if payload == Payload::V2 && !has_status {
        return Ok(inferred(&value, bytes));
    }
    let Value::Object(answer) = value else {
        return Err("the function's answer is no object with a statusCode".to_owned());
    };
    let mut outgoing = Outgoing {
        status: status(&answer)?,
        ..Outgoing::default()
    };
    headers(&answer, payload, &mut outgoing)?;
    outgoing.body = body(&answer, call, &outgoing)?;
    if !outgoing.has("Content-Type") && (payload == Payload::V1 || !outgoing.body.is_empty()) {
        let usual = match call.api.kind {
            ApiKind::Http => "text/plain; charset=utf-8",
            ApiKind::Rest | ApiKind::FunctionUrl => "application/json",
        };
        outgoing = outgoing.with("Content-Type", usual);
    }
    if call.api.kind == ApiKind::Rest {
        for (name, _) in &mut outgoing.headers {
            if REMAPPED.contains(&name.to_ascii_lowercase().as_str()) {
                *name = format!("x-amzn-Remapped-{name}");
            }
        }
    }
    outgoing
        .headers
        .retain(|(name, _)| !OWN.contains(&name.to_ascii_lowercase().as_str()));
    Ok(outgoing)
}

/// In format 2.0 whatever has no `statusCode` is the body itself.
fn inferred(value: &Value, bytes: &Bytes) -> Outgoing {
    let body = match value {
        Value::String(text) => Bytes::from(text.clone()),
        Value::Null => Bytes::from_static(b"null"),
        _ => bytes.clone(),
    };
    let mut outgoing = Outgoing::text(200, "application/json", "");
    outgoing.body = body;
    outgoing
}

fn status(answer: &Map<String, Value>) -> Result<u16, String> {
    let text = answer
        .get("statusCode")
        .map(crate::template::text)
        .unwrap_or_default();
    let status = text
        .parse()
        .ok()
        // A 1xx is no answer: what is one comes after it.
        .filter(|status| (200..600).contains(status));
    status.ok_or_else(|| "the function's answer has no statusCode between 200 and 599".to_owned())
}

fn headers(
    answer: &Map<String, Value>,
    payload: Payload,
    outgoing: &mut Outgoing,
) -> Result<(), String> {
    let object = |key: &str| match answer.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) => Ok(Some(members)),
        Some(_) => Err(format!("the {key} of the function's answer are no object")),
    };
    let scalar = |name: &str, value: &Value| match value {
        Value::Object(_) | Value::Array(_) => Err(format!(
            "the header {name} of the function's answer is no text"
        )),
        value => Ok(crate::template::text(value)),
    };
    let many = if payload == Payload::V1 {
        object("multiValueHeaders")?
    } else {
        None
    };
    for (name, value) in object("headers")?.into_iter().flatten() {
        let again = many.is_some_and(|many| many.keys().any(|own| own.eq_ignore_ascii_case(name)));
        if !again {
            outgoing.headers.push((name.clone(), scalar(name, value)?));
        }
    }
    for (name, values) in many.into_iter().flatten() {
        let values = values
            .as_array()
            .ok_or_else(|| format!("the multiValueHeaders {name} are no list"))?;
        for value in values {
            outgoing.headers.push((name.clone(), scalar(name, value)?));
        }
    }
    if payload == Payload::V2 {
        let cookies = answer
            .get("cookies")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        for cookie in cookies {
            outgoing
                .headers
                .push(("Set-Cookie".to_owned(), scalar("Set-Cookie", cookie)?));
        }
    }
    Ok(())
}

fn body(
    answer: &Map<String, Value>,
    call: &Call<'_>,
    outgoing: &Outgoing,
) -> Result<Bytes, String> {
    let text = match answer.get("body") {
        None | Some(Value::Null) => return Ok(Bytes::new()),
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => return Ok(Bytes::from(number.to_string())),
        // HTTP APIs write an object down; REST APIs call it malformed.
        Some(other) if call.api.kind != ApiKind::Rest => return Ok(Bytes::from(other.to_string())),
        Some(_) => {
            return Err(
                "the body of the function's answer is no text: pass it through JSON.stringify"
                    .to_owned(),
            );
        }
    };
    let is_base64 = answer.get("isBase64Encoded") == Some(&Value::Bool(true));
    if !is_base64 || !decodes(call, outgoing) {
        return Ok(Bytes::from(text.clone()));
    }
    let decoded = STANDARD.decode(text).map(Bytes::from);
    decoded
        .map_err(|_| "the body of the function's answer is no Base64, though it says so".to_owned())
}

/// REST APIs decode a body only for media types that they were told are binary.
fn decodes(call: &Call<'_>, outgoing: &Outgoing) -> bool {
    if call.api.kind != ApiKind::Rest {
        return true;
    }
    let own = outgoing
        .headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
    let accepted = call
        .request
        .header("Accept")
        .map(|accept| accept.split(',').next().unwrap_or_default());
    let candidates = accepted
        .into_iter()
        .chain(own.map(|(_, value)| value.as_str()));
    let bare = |value: &str| {
        value
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    };
    candidates
        .map(bare)
        .any(|kind| is_one_of(&kind, &call.api.binary_media_types))
}
