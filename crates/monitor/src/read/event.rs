//! What one log line says, whatever its form.

use jiff::Timestamp;

use crate::draft::Measured;

/// Where and when a line was written, as far as what stands before it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: Option<Timestamp>,
    pub(super) stream: Option<String>,
}

impl Place {
    pub(super) fn is_nowhere(&self) -> bool {
        self.at.is_none() && self.stream.is_none()
    }

    /// What `inner` says goes before.
    pub(super) fn with(&self, inner: Self) -> Self {
        Self {
            at: inner.at.or(self.at),
            stream: inner.stream.or_else(|| self.stream.clone()),
        }
    }
}

/// What one log line says.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) place: Place,
    /// Of which invocation it is.
    pub(super) key: String,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// The platform began the invocation.
    Begun,
    /// The platform ended it.
    Ended,
    /// What the platform measured.
    Measured(Measured),
    /// A line of the function: its fields, and what it says.
    Said {
        fields: Vec<(String, Field)>,
        level: Option<String>,
        text: String,
        is_fatal: bool,
    },
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    Text(String),
    Number(f64),
    Flag(bool),
}
