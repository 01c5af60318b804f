//! What the host of the router knows of a request and the router can't: which function it runs as,
//! what the platform calls the request, whether the process had to be started for it, and how long
//! it may take. A host puts an [`Invocation`] into the request's extensions and finds an [`Observed`]
//! in those of the answer. Without one, the request is answered all the same.

use std::sync::Arc;
use std::time::Duration;

/// What the host knows of a request: for its log line, its trace and its deadline.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The name of what runs: a function's, or `countersign` for a server.
    pub function: Arc<str>,
    /// What AWS calls the invocation.
    pub aws_request_id: Option<String>,
    /// Whether the process had to be started for it; `None` where that is no question.
    pub start: Option<Start>,
    /// How long it may take in all, if that is less than the configured time of a request.
    pub time_left: Option<Duration>,
    /// Why it can't be answered, if the instance is not ready.
    pub unready: Option<Unready>,
    /// The trace that it belongs to, as far as the host believes it.
    pub trace: Option<opentelemetry::Context>,
    /// Asks for the most memory that the process ever held, in bytes.
    pub peak_memory: fn() -> Option<u64>,
}

/// Whether the process had to be started for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It was, and took so long until it could take the request.
    Cold(Duration),
    /// It ran already.
    Warm,
}

/// Why an instance can't answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unready {
    /// Its database does not answer: 503, and trying again has a chance.
    Away,
    /// Somebody has to mend something first, as the log says: 500.
    Broken,
}

/// What became of a request.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Its method; `other` for one that HTTP does not define.
    pub method: &'static str,
    /// The route's address with `{name}` for its variable parts, or `unmatched`: of a bounded number.
    pub route: String,
    /// The status of the answer.
    pub status: u16,
    /// How long it took.
    pub took: Duration,
}

impl Default for Invocation {
    fn default() -> Self {
        Self {
            function: "countersign".into(),
            aws_request_id: None,
            start: None,
            time_left: None,
            unready: None,
            trace: None,
            peak_memory: || None,
        }
    }
}

impl Start {
    /// Whether it was cold.
    pub fn is_cold(self) -> bool {
        matches!(self, Self::Cold(_))
    }

    /// How long the start took, if it was cold.
    pub fn init(self) -> Option<Duration> {
        match self {
            Self::Cold(init) => Some(init),
            Self::Warm => None,
        }
    }
}
