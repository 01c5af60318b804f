//! Log lines in JSON: our own, AWS Lambda's JSON log format, and events as `CloudWatch` exports them, whose
//! `message` is a log line in turn.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::event::{Event, Field, Kind, Place};
use super::platform;
use super::prefix::moment;
use super::text::key_of;

/// What the line's frame says, and nobody wants to read again in its text.
const FRAME: &[&str] = &[
    "timestamp",
    "time",
    "level",
    "message",
    "msg",
    "target",
    "span",
    "spans",
    "fields",
    "requestId",
    "AWSRequestId",
    "threadId",
    "threadName",
    "xRAY_TraceId",
];

/// The events that a document of `CloudWatch` holds, each with its place; `None` for another document.
pub(super) fn wrapped(place: &Place, value: &Value) -> Option<Vec<(Place, String)>> {
    let events = match value {
        Value::Array(events) => events.as_slice(),
        Value::Object(object) => match object.get("events") {
            Some(Value::Array(events)) => events.as_slice(),
            _ if is_wrapper(value) => std::slice::from_ref(value),
            _ => return None,
        },
        _ => return None,
    };
    Some(
        events
            .iter()
            .filter_map(|event| unwrapped(place, event))
            .collect(),
    )
}

/// A line of a function or of the platform.
pub(super) fn event(place: &Place, value: &Value) -> Option<Event> {
    let object = value.as_object()?;
    let own = ["timestamp", "time"]
        .into_iter()
        .find_map(|name| moment_of(object.get(name)?));
    let place = Place {
        at: own.or(place.at),
        stream: place.stream.clone(),
    };
    if object.contains_key("_aws") {
        return None;
    }
    if object
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.starts_with("platform."))
    {
        return platform::json(&place, value);
    }
    let key = key_of(&merged(object))?;
    let kind = said(value, None)?;
    Some(Event { place, key, kind })
}

/// What a function says in JSON; `level` is what its frame says of it.
pub(super) fn said(value: &Value, level: Option<&str>) -> Option<Kind> {
    let object = value.as_object()?;
    if object.contains_key("_aws") {
        return None;
    }
    let fields = merged(object);
    let own = object.get("level").and_then(Value::as_str);
    let message = ["message", "msg"].into_iter().find_map(|name| {
        let inner = object.get("fields").and_then(|fields| fields.get(name));
        object.get(name).or(inner)
    });
    let text = match message {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let is_fatal = own == Some("FATAL")
        || object.contains_key("errorType") && object.contains_key("stackTrace");
    Some(Kind::Said {
        fields,
        level: own.or(level).map(str::to_owned),
        text,
        is_fatal,
    })
}

/// Whether the line's text need not repeat this field.
pub(super) fn is_frame(name: &str) -> bool {
    FRAME.contains(&name)
}

/// The members of the line itself, of `fields` and of `span`.
fn merged(object: &Map<String, Value>) -> Vec<(String, Field)> {
    let inner = |name: &str| {
        object
            .get(name)
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
    };
    let all = inner("span").filter(|(name, _)| *name != "name");
    let all = all.chain(inner("fields")).chain(object);
    all.filter_map(|(name, value)| {
        let field = match value {
            Value::String(text) => Field::Text(text.clone()),
            Value::Number(number) => Field::Number(number.as_f64()?),
            Value::Bool(flag) => Field::Flag(*flag),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some((name.clone(), field))
    })
    .collect()
}

fn is_wrapper(value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some();
    value.get("message").is_some_and(Value::is_string)
        && (has("logStreamName") || has("eventId") || has("ingestionTime"))
}

fn unwrapped(place: &Place, event: &Value) -> Option<(Place, String)> {
    let message = event.get("message")?.as_str()?.to_owned();
    let own = Place {
        at: event.get("timestamp").and_then(moment_of),
        stream: event
            .get("logStreamName")
            .and_then(Value::as_str)
            .map(str::to_owned),
    };
    Some((place.with(own), message))
}

/// A moment as text, or as milliseconds since 1970.
fn moment_of(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => moment(text),
        Value::Number(number) => Timestamp::from_millisecond(number.as_i64()?).ok(),
        _ => None,
    }
}
