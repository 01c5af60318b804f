//! Log lines for people: our own server's, and those of functions in Node.js and Python, which AWS Lambda
//! gives the moment and the request's id.

use super::event::{Event, Field, Kind, Place};
use super::pairs::pair;
use super::platform::is_id;
use super::prefix::moment;

const LEVELS: &[&str] = &[
    "TRACE", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL",
];

/// `MOMENT\tID\tLEVEL\tTEXT` (Node.js) or `[LEVEL]\tMOMENT\tID\tTEXT` (Python).
pub(super) fn of_a_function(place: &Place, message: &str) -> Option<Event> {
    let mut parts = message.splitn(4, '\t');
    let (first, second) = (parts.next()?, parts.next()?);
    let (third, text) = (parts.next()?, parts.next().unwrap_or_default());
    let bracketed = first
        .strip_prefix('[')
        .and_then(|level| level.strip_suffix(']'));
    let (at, key, level) = match bracketed {
        Some(level) => (moment(second)?, third, level),
        None => (moment(first)?, second, third),
    };
    if !is_id(key) || !LEVELS.contains(&level) {
        return None;
    }
    // What a function logs as an object, such as our line, is JSON behind the tabs.
    let inner = serde_json::from_str(text).ok();
    let inner = inner
        .as_ref()
        .and_then(|value| super::json::said(value, Some(level)));
    let kind = inner.unwrap_or_else(|| Kind::Said {
        fields: Vec::new(),
        level: Some(level.to_owned()),
        text: text.to_owned(),
        is_fatal: text.starts_with("Uncaught Exception") || text.starts_with("Unhandled Promise"),
    });
    let place = Place {
        at: Some(at),
        stream: place.stream.clone(),
    };
    Some(Event {
        place,
        key: key.to_owned(),
        kind,
    })
}

/// `LEVEL request{name=value …}: TARGET: TEXT name=value …`, the moment taken off already.
pub(super) fn of_ours(place: &Place, message: &str) -> Option<Event> {
    let (level, rest) = message.trim_start().split_once(' ')?;
    if !LEVELS.contains(&level) {
        return None;
    }
    let (span, inside) = rest.trim_start().split_once('{')?;
    if !matches!(span, "request" | "invocation") {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = inside;
    while let Some((name, value, after)) = pair(rest) {
        fields.push((name, value));
        rest = after.trim_start_matches(' ');
    }
    // Further spans, and the module that speaks.
    let said = rest.strip_prefix('}')?;
    let said = said.rsplit_once("}: ").map_or(said, |(_, said)| said);
    let said = said.trim_start_matches([':', ' ']);
    let (_, text) = said.split_once(": ")?;
    let key = key_of(&fields)?;
    for word in places_of_pairs(text) {
        if let Some((name, value, _)) = pair(word) {
            fields.push((name, value));
        }
    }
    let kind = Kind::Said {
        fields,
        level: Some(level.to_owned()),
        text: text.to_owned(),
        is_fatal: false,
    };
    Some(Event {
        place: place.clone(),
        key,
        kind,
    })
}

/// By which id the fields name their invocation: AWS's goes before ours, because the platform knows it.
pub(super) fn key_of(fields: &[(String, Field)]) -> Option<String> {
    ["aws_request_id", "requestId", "AWSRequestId", "id"]
        .into_iter()
        .find_map(|wanted| {
            fields.iter().find_map(|(name, value)| match value {
                Field::Text(text) if name == wanted && !text.is_empty() => Some(text.clone()),
                _ => None,
            })
        })
}

/// The rests of the text that begin with a word.
fn places_of_pairs(text: &str) -> impl Iterator<Item = &str> {
    let starts = std::iter::once(0).chain(text.match_indices(' ').map(|(at, _)| at + 1));
    starts.filter_map(|at| text.get(at..))
}
