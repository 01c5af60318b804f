//! What is wrong with a line. No problem repeats a password hash, or anything else that might be
//! one standing in the wrong place.

use serde::Serialize;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Problem {
    /// Always `problem`, to tell it from the summary.
    kind: &'static str,
    /// The line, counted from 1.
    pub(super) line: u64,
    /// The field, if it is about one.
    field: Option<String>,
    /// What is wrong with it, and what to do.
    message: String,
    /// The other line, where two contradict each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_line: Option<u64>,
}

impl Problem {
    /// About the line as a whole.
    pub(super) fn line(line: u64, message: impl Into<String>) -> Self {
        Self {
            kind: "problem",
            line,
            field: None,
            message: message.into(),
            other_line: None,
        }
    }

    /// About one field.
    pub(super) fn field(line: u64, field: &str, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::line(line, message)
        }
    }

    /// About a value that an earlier line has too.
    pub(super) fn duplicate(line: u64, field: &str, earlier: u64) -> Self {
        let message = format!("is the same as on line {earlier}; keep one of the two");
        Self {
            other_line: Some(earlier),
            ..Self::field(line, field, message)
        }
    }

    /// About a field that does not exist. A name that does not look like one is not repeated.
    pub(super) fn unknown(line: u64, name: &str) -> Self {
        let is_plain =
            name.len() <= 40 && name.chars().all(|c| c.is_ascii_alphabetic() || c == '_');
        let advice = match name {
            "password" => "passwords come in as hashes: write them as password_hash".to_owned(),
            _ => format!("is not a field; the fields are {}", super::Field::names()),
        };
        if is_plain && !name.is_empty() {
            Self::field(line, name, advice)
        } else {
            Self::line(line, format!("one of its names {advice}"))
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.field {
            Some(field) => write!(f, "{field}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}
