//! Statements in the making. Their text is constants of this crate; every value goes in as a literal
//! that can hold nothing but a number, hexadecimal digits or `NULL`. So no value can be a part of a
//! query, and several statements can travel together, which prepared ones can't.

use std::fmt::Write as _;

use countersign_app::ports::StoreError;
use countersign_domain::id::{EventId, PersonalTokenId, SessionId, UserId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::time::Timestamp;
use uuid::Uuid;

/// A value, written as SQL.
// INVARIANT: made here only, out of digits, `-`, and the letters of `X''` and `NULL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Literal(String);

impl Literal {
    fn bytes(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len() * 2 + 3);
        text.push_str("X'");
        for byte in bytes {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02X}");
        }
        text.push('\'');
        Self(text)
    }
}

impl From<i64> for Literal {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl From<u32> for Literal {
    fn from(number: u32) -> Self {
        Self(number.to_string())
    }
}

impl From<bool> for Literal {
    fn from(yes: bool) -> Self {
        Self::from(i64::from(yes))
    }
}

impl From<&[u8]> for Literal {
    fn from(bytes: &[u8]) -> Self {
        Self::bytes(bytes)
    }
}

impl<const N: usize> From<&[u8; N]> for Literal {
    fn from(bytes: &[u8; N]) -> Self {
        Self::bytes(bytes)
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::bytes(text.as_bytes())
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self::bytes(text.as_bytes())
    }
}

impl From<Uuid> for Literal {
    fn from(id: Uuid) -> Self {
        Self::bytes(id.as_bytes())
    }
}

macro_rules! from_ids {
    ($($id:ty,)+) => {
        $(impl From<$id> for Literal {
            fn from(id: $id) -> Self {
                Self::from(*id.as_uuid())
            }
        })+
    };
}
from_ids!(EventId, PersonalTokenId, SessionId, UserId,);

impl From<TokenHash> for Literal {
    fn from(hash: TokenHash) -> Self {
        Self::bytes(hash.as_bytes())
    }
}

impl From<Timestamp> for Literal {
    fn from(moment: Timestamp) -> Self {
        Self::from(moment.as_millis())
    }
}

impl<T: Into<Literal>> From<Option<T>> for Literal {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(|| Self("NULL".to_owned()), Into::into)
    }
}

/// A count that the tables keep as a signed number.
pub(crate) fn count(number: u64, what: &str) -> Result<Literal, StoreError> {
    i64::try_from(number)
        .map(Literal::from)
        .map_err(|_| StoreError::Corrupt(format!("{what} is out of range")))
}

/// One or more statements, sent together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    text: String,
}

impl Sql {
    /// A statement: each `?` of the text is one of the values.
    pub fn new<const N: usize>(text: &'static str, values: [Literal; N]) -> Self {
        Self::default().push(text, values)
    }

    /// Goes on with the statement.
    #[must_use]
    pub fn push<const N: usize>(mut self, text: &'static str, values: [Literal; N]) -> Self {
        self.add(text, values);
        self
    }

    /// The same in place, for loops.
    pub fn add<const N: usize>(&mut self, text: &'static str, values: [Literal; N]) {
        debug_assert_eq!(text.matches('?').count(), N, "{text}");
        let mut values = values.into_iter();
        for part in text.split_inclusive('?') {
            match part.strip_suffix('?') {
                Some(before) => {
                    self.text.push_str(before);
                    if let Some(Literal(value)) = values.next() {
                        self.text.push_str(&value);
                    }
                }
                None => self.text.push_str(part),
            }
        }
    }

    /// Begins another statement.
    #[must_use]
    pub fn then<const N: usize>(self, text: &'static str, values: [Literal; N]) -> Self {
        self.and(Self::new(text, values))
    }

    /// Goes on with other statements.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        if self.text.is_empty() {
            return other;
        }
        if !other.text.is_empty() {
            self.text.push_str("; ");
            self.text.push_str(&other.text);
        }
        self
    }

    /// Goes on in the same statement with a part that has values of its own.
    #[must_use]
    pub fn and_on(mut self, part: &Self) -> Self {
        self.text.push_str(&part.text);
        self
    }

    /// How long the text is.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text to send.
    pub fn into_text(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_harmless(Literal(text): &Literal) -> bool {
        let hex = |text: &str| {
            text.strip_prefix("X'")
                .and_then(|rest| rest.strip_suffix('\''))
                .is_some_and(|digits| {
                    digits.len() % 2 == 0 && digits.bytes().all(|b| b.is_ascii_hexdigit())
                })
        };
        let digits = text.strip_prefix('-').unwrap_or(text);
        let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        text == "NULL" || number || hex(text)
    }

    fn decoded(Literal(text): &Literal) -> Vec<u8> {
        let digits = text.strip_prefix("X'").unwrap().strip_suffix('\'').unwrap();
        (0..digits.len())
            .step_by(2)
            .map(|n| u8::from_str_radix(&digits[n..n + 2], 16).unwrap())
            .collect()
    }

    proptest! {
        #[test]
        fn whatever_bytes_there_are_a_literal_is_their_digits(bytes: Vec<u8>) {
            let literal = Literal::from(bytes.as_slice());
            prop_assert!(is_harmless(&literal));
            prop_assert_eq!(decoded(&literal), bytes);
        }

        #[test]
        fn whatever_text_there_is_a_literal_is_the_digits_of_its_bytes(text: String) {
            let literal = Literal::from(text.as_str());
            prop_assert!(is_harmless(&literal));
            prop_assert_eq!(decoded(&literal), text.as_bytes());
            prop_assert_eq!(Literal::from(text), literal);
        }

        #[test]
        fn whatever_number_there_is_a_literal_is_its_digits(number: i64) {
            let literal = Literal::from(number);
            prop_assert!(is_harmless(&literal));
            prop_assert_eq!(literal.0.parse(), Ok(number));
        }

        #[test]
        fn a_value_adds_nothing_but_itself_to_a_statement(text: String) {
            let sql = Sql::new("SELECT ?, ?", [text.as_str().into(), 1_u32.into()]);
            let Literal(literal) = Literal::from(text);
            prop_assert_eq!(sql.into_text(), format!("SELECT {literal}, 1"));
        }
    }

    #[test]
    fn ends_of_ranges_and_nothing_are_literals_too() {
        for literal in [
            Literal::from(i64::MIN),
            Literal::from(i64::MAX),
            Literal::from(u32::MAX),
            Literal::from(true),
            Literal::from(None::<&str>),
            Literal::from(""),
            Literal::from("'; DROP TABLE users; -- \\ ? \0"),
            Literal::from(Uuid::max()),
        ] {
            assert!(is_harmless(&literal), "{literal:?}");
        }
    }

    #[test]
    fn a_question_mark_in_a_value_takes_no_other_value() {
        let sql = Sql::new("SELECT ?, ?", ["?".into(), 7_i64.into()]);
        assert_eq!(sql.into_text(), "SELECT X'3F', 7");
    }

    #[test]
    fn statements_are_put_in_a_row() {
        let sql = Sql::default()
            .and(Sql::new("DO ?", [1_i64.into()]))
            .and(Sql::default())
            .then("DO 2", []);
        assert_eq!(sql.into_text(), "DO 1; DO 2");
        assert!(Sql::default().is_empty());
    }
}
