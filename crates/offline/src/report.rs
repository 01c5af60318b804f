//! What happens, for whoever wants to know: people through [`crate::Console`], programs as JSON.
//! Holds no event, header, query or environment value, since those hold secrets.

use std::sync::Arc;

use serde::Serialize;

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Happening {
    /// An API listens.
    Listening(Listening),
    /// Something in the template, or in how a function answers, that somebody should know.
    Warning {
        /// In words.
        message: String,
    },
    /// A function wrote a line.
    Line {
        /// Which function.
        function: String,
        /// The line, without its end.
        line: String,
    },
    /// A function has answered or failed: what the `REPORT` line of Lambda says.
    Invocation(Invocation),
    /// A request was answered.
    Request(Request),
}

/// An API that listens.
#[derive(Clone, Debug, Serialize)]
pub struct Listening {
    /// Its name in the template.
    pub api: String,
    /// `rest`, `http` or `function_url`.
    pub kind: &'static str,
    /// Where, stage included, without a slash at the end.
    pub url: String,
    /// Its routes.
    pub routes: Vec<ListedRoute>,
}

/// A route as it is listed at the start.
#[derive(Clone, Debug, Serialize)]
pub struct ListedRoute {
    /// `GET`, or `ANY`.
    pub method: String,
    /// `/users/{id}`, or `$default`.
    pub path: String,
    /// The function, or nothing where the gateway answers.
    pub function: Option<String>,
    /// The authorizer.
    pub authorizer: Option<String>,
}

/// One invocation of one function.
#[derive(Clone, Debug, Serialize)]
pub struct Invocation {
    /// Which function.
    pub function: String,
    /// The request id that the function saw.
    pub aws_request_id: String,
    /// Whether a process was started for it.
    pub cold: bool,
    /// From the start of that process to its first question for an event, in milliseconds.
    pub init_ms: Option<f64>,
    /// From the event to the answer, in milliseconds.
    pub took_ms: f64,
    /// The most memory that the process has had, in MiB, where the system says it.
    pub max_memory_mb: Option<u64>,
    /// What the template gives it, in MiB.
    pub memory_mb: u64,
    /// Why there is no answer, if there is none.
    pub error: Option<String>,
}

/// One request and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// The request id that the functions saw in `requestContext`.
    pub id: String,
    /// The method.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The route, if there is one.
    pub route: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// From the request to the answer, in milliseconds.
    pub took_ms: f64,
    /// What the authorizer did.
    pub authorizer: Option<String>,
    /// Why the gateway answered by itself.
    pub reason: Option<String>,
}

/// Who is told.
#[derive(Clone)]
pub struct Reporter(Arc<dyn Fn(&Happening) + Send + Sync>);

impl Reporter {
    /// Tells this function, which must not block for long.
    pub fn new(tell: impl Fn(&Happening) + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// Tells.
    pub fn tell(&self, happening: &Happening) {
        (self.0)(happening);
    }

    pub(crate) fn warn(&self, message: impl Into<String>) {
        self.tell(&Happening::Warning {
            message: message.into(),
        });
    }
}

impl std::fmt::Debug for Reporter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Reporter")
    }
}
