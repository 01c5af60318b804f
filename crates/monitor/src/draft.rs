//! An invocation that is being put together, from the fields of log lines or spans as they come.

use jiff::Timestamp;
use serde_json::Value;

use crate::discreet::discreet;
use crate::{Connection, Invocation, Line, Outcome};

/// The most lines that are kept of one invocation.
const MAX_LINES: usize = 64;
/// The longest name that is kept (an id, a route, a function), in bytes.
const MAX_NAME: usize = 256;

/// The value of a field.
#[derive(Clone, Copy, Debug)]
pub enum Scalar<'a> {
    /// A text.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A yes or no.
    Flag(bool),
}

impl<'a> Scalar<'a> {
    /// A JSON value, if it is no object, no list and not `null`.
    pub fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text)),
            Value::Number(number) => number.as_f64().map(Self::Number),
            Value::Bool(flag) => Some(Self::Flag(*flag)),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// An invocation that is being put together.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    at: Option<Timestamp>,
    function: Option<String>,
    id: Option<String>,
    aws_request_id: Option<String>,
    method: Option<String>,
    route: Option<String>,
    status: Option<u16>,
    outcome: Option<Outcome>,
    took_ms: Option<f64>,
    is_cold: bool,
    init_ms: Option<f64>,
    memory_mb: Option<f64>,
    connection: Option<Connection>,
    lines: Vec<Line>,
    left_out: usize,
}

impl Draft {
    /// One that begins at this moment.
    pub fn begun(at: Timestamp) -> Self {
        Self {
            at: Some(at),
            ..Self::default()
        }
    }

    /// Takes a field by its name in the log line. Gives whether it belongs to the invocation as such; what
    /// does not is a part of some line's text.
    pub fn note(&mut self, name: &str, value: Scalar<'_>) -> bool {
        match (name, value) {
            ("function", Scalar::Text(text)) => first(&mut self.function, text),
            ("id", Scalar::Text(text)) => first(&mut self.id, text),
            ("aws_request_id", Scalar::Text(text)) => first(&mut self.aws_request_id, text),
            ("method", Scalar::Text(text)) => first(&mut self.method, text),
            ("route", Scalar::Text(text)) => first(&mut self.route, text),
            ("outcome", Scalar::Text(text)) => self.outcome = Outcome::of_name(text),
            ("database_connection", Scalar::Text(text)) => self.connected(text == "new"),
            ("status", Scalar::Number(number)) => self.status = status(number),
            ("took_ms", Scalar::Number(number)) => self.took_ms = measure(number),
            ("init_ms", Scalar::Number(number)) => self.init_ms = measure(number),
            ("memory_mb", Scalar::Number(number)) => self.memory_mb = measure(number),
            ("cold", Scalar::Flag(flag)) => self.is_cold |= flag,
            // Who called and from where is the audit log's to keep, for those who may read that.
            ("address" | "user" | "user_id" | "email" | "trace_id" | "span_id", _) => {}
            _ => return false,
        }
        true
    }

    /// Takes a log line. Its words about the database connection count like the field.
    pub fn line(&mut self, at: Option<Timestamp>, level: Option<&str>, text: &str) {
        self.at = self.at.or(at);
        for (words, is_new) in [
            (Connection::New.words(), true),
            (Connection::Existing.words(), false),
        ] {
            if text.contains(words) {
                self.connected(is_new);
            }
        }
        if self.lines.len() >= MAX_LINES {
            self.left_out += 1;
            return;
        }
        self.lines.push(Line {
            at,
            level: level.and_then(short),
            text: discreet(text.trim_end()),
        });
    }

    /// What the platform measured: it goes before what the function says of itself, but for the time, which
    /// the platform counts with its own share.
    pub(crate) fn measured(&mut self, report: &Measured) {
        self.took_ms = self.took_ms.or(report.duration_ms);
        self.memory_mb = report.max_memory_mb.or(self.memory_mb);
        if let Some(init) = report.init_ms {
            self.is_cold = true;
            self.init_ms = Some(init);
        }
        if report.is_failed {
            self.outcome = Some(Outcome::Failed);
        }
    }

    /// It crashed or ran out of time.
    pub(crate) fn failed(&mut self) {
        self.outcome = Some(Outcome::Failed);
    }

    pub(crate) fn begin(&mut self, at: Option<Timestamp>) {
        self.at = self.at.or(at);
    }

    /// Whether it has ended, so far as it is known.
    pub fn is_over(&self) -> bool {
        self.took_ms.is_some()
    }

    /// Whether AWS Lambda ran it.
    pub(crate) fn is_of_lambda(&self) -> bool {
        self.aws_request_id.is_some()
    }

    /// The invocation, if it is over; `function` is what it is called where no line names it.
    pub fn finish(mut self, function: &str) -> Option<Invocation> {
        let took_ms = self.took_ms?;
        let outcome = self.outcome.or(self.status.map(Outcome::of_status));
        self.say_connection();
        if self.left_out > 0 {
            let text = format!("… and {} more lines", self.left_out);
            self.lines.push(Line {
                at: None,
                level: None,
                text,
            });
        }
        self.lines.shrink_to_fit();
        Some(Invocation {
            at: self.at.unwrap_or(Timestamp::UNIX_EPOCH),
            function: self.function.unwrap_or_else(|| function.to_owned()),
            id: self.id,
            aws_request_id: self.aws_request_id,
            method: self.method,
            route: self.route,
            status: self.status,
            outcome: outcome.unwrap_or(Outcome::Ok),
            took_ms,
            cold: self.is_cold,
            init_ms: self.init_ms,
            memory_mb: self.memory_mb,
            database_connection: self.connection,
            lines: self.lines,
        })
    }

    /// A connection that was made counts, however many were used beside it.
    fn connected(&mut self, is_new: bool) {
        if is_new {
            self.connection = Some(Connection::New);
        } else {
            self.connection = self.connection.or(Some(Connection::Existing));
        }
    }

    /// The last line says which connection was used, whether or not its writer had it say so.
    fn say_connection(&mut self) {
        let Some(connection) = self.connection else {
            return;
        };
        let is_said = self
            .lines
            .iter()
            .any(|line| line.text.contains("=> using "));
        if let Some(last) = self.lines.last_mut().filter(|_| !is_said) {
            last.text = format!("{} {}", last.text, connection.words());
        }
    }
}

/// What AWS Lambda says at the end of an invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Measured {
    pub(crate) duration_ms: Option<f64>,
    pub(crate) init_ms: Option<f64>,
    pub(crate) max_memory_mb: Option<f64>,
    pub(crate) is_failed: bool,
}

fn short(text: &str) -> Option<String> {
    let text = discreet(
        text.get(..text.floor_char_boundary(MAX_NAME))
            .unwrap_or_default(),
    );
    (!text.is_empty()).then_some(text)
}

/// What names the invocation is said by the first who names it: a later field of the same name is about
/// something else.
fn first(name: &mut Option<String>, text: &str) {
    if name.is_none() {
        *name = short(text);
    }
}

/// A number of milliseconds or megabytes, up to what anything takes: eleven days, a petabyte.
fn measure(number: f64) -> Option<f64> {
    (0.0..1e9).contains(&number).then_some(number)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked"
)]
fn status(number: f64) -> Option<u16> {
    (100.0..1000.0).contains(&number).then_some(number as u16)
}
