//! `name=value` pairs as our logs for people write them: values bare or quoted.

use super::event::Field;

/// Takes one pair from the beginning of the text; gives it and what follows.
pub(super) fn pair(text: &str) -> Option<(String, Field, &str)> {
    let (name, after) = text.split_once('=')?;
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_.".contains(c));
    if !is_name {
        return None;
    }
    let (value, rest) = if let Some(quoted) = after.strip_prefix('"') {
        let end = closing_quote(quoted)?;
        let text = quoted.get(..end)?.replace("\\\"", "\"");
        (Field::Text(text), quoted.get(end + 1..)?)
    } else {
        let end = after.find([' ', '}']).unwrap_or(after.len());
        let (word, rest) = after.split_at(end);
        (bare(word), rest)
    };
    Some((name.to_owned(), value, rest))
}

fn bare(word: &str) -> Field {
    match (word, word.parse::<f64>()) {
        ("true", _) => Field::Flag(true),
        ("false", _) => Field::Flag(false),
        (_, Ok(number)) => Field::Number(number),
        _ => Field::Text(word.to_owned()),
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' if !is_escaped => return Some(at),
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    None
}
