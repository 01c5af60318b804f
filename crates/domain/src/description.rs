//! Text that explains something to people: what a role is for.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A description for people to read: up to 500 characters on one line, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description(String);

/// The text can't be a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a description has 500 characters at most, on one line, and none of them is a control character"
)]
pub struct InvalidDescription;

impl Description {
    /// The longest description, in characters.
    pub const MAX_CHARS: usize = 500;

    /// Wraps a description as a store keeps it. One that was written when there was no rule stays
    /// readable, whatever its length; a NUL, which not every engine can hold, is left out.
    pub fn from_stored(text: impl Into<String>) -> Self {
        let mut text = text.into();
        text.retain(|c| c != '\0');
        Self(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Description {
    type Err = InvalidDescription;

    fn from_str(text: &str) -> Result<Self, InvalidDescription> {
        let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        if text.chars().any(breaks) || text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidDescription);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Description {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_one_line_of_500_characters_at_most() {
        let longest = "é".repeat(500);
        for text in ["", "Edits posts", "Schreibt & liest: 💡", &longest] {
            assert_eq!(text.parse::<Description>().unwrap().as_str(), text);
        }
        let too_long = "é".repeat(501);
        for text in ["a\0b", "a\nb", "\u{7}", "a\u{85}b", "a\u{2028}b", &too_long] {
            assert_eq!(
                text.parse::<Description>(),
                Err(InvalidDescription),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_was_stored_before_there_was_a_rule_stays_readable() {
        let old = format!("two\nlines\0{}", "x".repeat(600));
        let read = Description::from_stored(old);
        assert_eq!(read.as_str(), format!("two\nlines{}", "x".repeat(600)));
    }
}
