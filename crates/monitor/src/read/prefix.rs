//! What stands before a message: the moment and the log stream, as the AWS command line prints them, and
//! colours.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::event::Place;

/// Splits a line into where it comes from and what it says.
pub(super) fn place(line: &str) -> (Place, &str) {
    let mut place = Place::default();
    let mut rest = line;
    // A function's own moment is a part of its message: `MOMENT\tID\tLEVEL\tTEXT`.
    if let Some((word, after)) = rest.split_once(' ')
        && let Some(at) = moment(word)
    {
        place.at = Some(at);
        rest = after.trim_start_matches(' ');
    } else if let Some(at) = moment(rest) {
        place.at = Some(at);
        rest = "";
    }
    if let Some(word) = rest.split(' ').next().filter(|word| is_stream(word)) {
        place.stream = Some(word.to_owned());
        rest = rest
            .get(word.len()..)
            .unwrap_or_default()
            .trim_start_matches(' ');
    }
    (place, rest)
}

/// A moment of RFC 3339; without an offset it is UTC, as `aws logs tail --format short` means it.
pub(super) fn moment(word: &str) -> Option<Timestamp> {
    let is_like_one = word.len() >= 19 && word.starts_with(|c: char| c.is_ascii_digit());
    if !is_like_one || !word.contains('T') {
        return None;
    }
    let at = word.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = word.parse().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })?;
    Timestamp::from_millisecond(at.as_millisecond()).ok()
}

/// The name of a log stream of Lambda, such as `2026/11/21/[$LATEST]0123456789abcdef`, with the function's
/// name before it or not.
fn is_stream(word: &str) -> bool {
    !word.contains(['{', '"'])
        && word.contains("/[")
        && word.contains(']')
        && word.matches('/').count() >= 3
}

/// The line without what a terminal takes for colours.
pub(super) fn without_colours(line: &str) -> Cow<'_, str> {
    if !line.contains("\u{1b}[") {
        return Cow::Borrowed(line);
    }
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part
            .find(|c: char| c.is_ascii_alphabetic())
            .map_or(part.len(), |at| at + 1);
        plain.push_str(part.get(end..).unwrap_or_default());
    }
    Cow::Owned(plain)
}
