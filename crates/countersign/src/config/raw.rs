//! A value as a source wrote it, before its setting says what it should be. Text is wiped when it
//! is dropped and never shown by `Debug`, because it may turn out to be a secret.

use std::fmt;

use zeroize::Zeroizing;

use super::value::{Shape, Wrong};

/// A value as written.
#[derive(Clone)]
pub(in crate::config) enum Raw {
    /// From a source that knows only text: an environment variable, a flag, a default.
    Untyped(Zeroizing<String>),
    /// A TOML string.
    Text(Zeroizing<String>),
    /// A TOML integer, in decimal.
    Integer(String),
    /// A TOML boolean.
    Boolean(bool),
    /// A TOML array.
    List(Vec<Raw>),
    /// Any other TOML value, by the name of its type.
    Other(&'static str),
}

impl Raw {
    pub(in crate::config) fn untyped(text: impl Into<String>) -> Self {
        Self::Untyped(Zeroizing::new(text.into()))
    }

    /// The text of a single value, if it was written in the way its shape wants.
    pub(in crate::config) fn scalar(&self, shape: Shape) -> Result<&str, Wrong> {
        let text = match (self, shape) {
            (Self::Untyped(text), _) | (Self::Text(text), Shape::Text) => text.trim(),
            (Self::Integer(digits), Shape::Integer) => digits,
            (Self::Boolean(true), Shape::Boolean) => "true",
            (Self::Boolean(false), Shape::Boolean) => "false",
            _ => {
                return Err(Wrong::Shape {
                    wanted: shape,
                    found: self.type_name(),
                });
            }
        };
        if text.is_empty() {
            Err(Wrong::Empty)
        } else {
            Ok(text)
        }
    }

    /// The parts of a list: a TOML array, or text with commas between the parts.
    pub(in crate::config) fn parts(&self) -> Result<Vec<Self>, Wrong> {
        match self {
            Self::List(parts) => Ok(parts.clone()),
            Self::Untyped(text) if text.trim().is_empty() => Ok(Vec::new()),
            Self::Untyped(text) => Ok(text
                .split(',')
                .map(|part| Self::untyped(part.trim()))
                .collect()),
            _ => Err(Wrong::Shape {
                wanted: Shape::List,
                found: self.type_name(),
            }),
        }
    }

    /// The value for people, as they wrote it. Only for settings that are not secret.
    pub(in crate::config) fn show(&self) -> String {
        match self {
            Self::Untyped(text) | Self::Text(text) => text.to_string(),
            Self::Integer(digits) => digits.clone(),
            Self::Boolean(value) => value.to_string(),
            Self::List(parts) => parts.iter().map(Self::show).collect::<Vec<_>>().join(","),
            Self::Other(name) => format!("({name})"),
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Untyped(_) | Self::Text(_) => "text in quotes",
            Self::Integer(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::List(_) => "a list",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({})", self.type_name())
    }
}
