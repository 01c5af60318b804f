//! One invocation and its log lines.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How an invocation ended: as an API says it (`ok`, `refused`, `failed`), or as an authorizer does
/// (`allowed`, `denied`, `unauthorized`, `failed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Answered below 400.
    Ok,
    /// Answered with 4xx: the caller's fault.
    Refused,
    /// Answered with 5xx, crashed, or ran out of time.
    Failed,
    /// An authorizer let the caller in.
    Allowed,
    /// An authorizer knew the caller and did not let them in (403).
    Denied,
    /// An authorizer did not know the caller (401).
    Unauthorized,
}

impl Outcome {
    /// What an answer's status says.
    pub fn of_status(status: u16) -> Self {
        match status {
            0..400 => Self::Ok,
            400..500 => Self::Refused,
            _ => Self::Failed,
        }
    }

    /// By its name; `None` for a name that is none of these.
    pub fn of_name(name: &str) -> Option<Self> {
        let all = [
            Self::Ok,
            Self::Refused,
            Self::Failed,
            Self::Allowed,
            Self::Denied,
            Self::Unauthorized,
        ];
        all.into_iter().find(|one| one.as_str() == name)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Unauthorized => "unauthorized",
        }
    }

    /// Whether the function is to blame.
    pub fn is_failed(self) -> bool {
        self == Self::Failed
    }

    /// Whether the caller is.
    pub fn is_refused(self) -> bool {
        matches!(self, Self::Refused | Self::Denied | Self::Unauthorized)
    }
}

/// Whether an invocation that used a database on a network connected to it, or found it connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// It made a connection.
    New,
    /// It used one that was there.
    Existing,
}

impl Connection {
    /// As a log line says it.
    pub fn words(self) -> &'static str {
        match self {
            Self::New => "=> using new database connection",
            Self::Existing => "=> using existing database connection",
        }
    }
}

/// One log line of an invocation. Credentials and control characters are taken out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    /// When it was written, if it says so.
    #[cfg_attr(feature = "openapi", schema(required, value_type = Option<String>, format = "date-time"))]
    pub at: Option<Timestamp>,
    /// How grave it is, as its writer put it.
    #[cfg_attr(feature = "openapi", schema(required, example = "INFO"))]
    pub level: Option<String>,
    /// What it says.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "answered => using existing database connection")
    )]
    pub text: String,
}

/// One invocation: a request to a server, or a call of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invocation {
    /// When it began, or was first heard of.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "date-time"))]
    pub at: Timestamp,
    /// Which function; `countersign` for a server.
    #[cfg_attr(feature = "openapi", schema(example = "countersign"))]
    pub function: String,
    /// The request's id, as in `x-request-id` and in the audit log.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub id: Option<String>,
    /// The id that AWS Lambda gave it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub aws_request_id: Option<String>,
    /// The request's method.
    #[cfg_attr(feature = "openapi", schema(required, example = "POST"))]
    pub method: Option<String>,
    /// The request's route, with `{name}` for its variable parts.
    #[cfg_attr(feature = "openapi", schema(required, example = "/v1/login"))]
    pub route: Option<String>,
    /// The answer's status.
    #[cfg_attr(feature = "openapi", schema(required, example = 200))]
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took, in milliseconds.
    #[cfg_attr(feature = "openapi", schema(example = 1.25))]
    pub took_ms: f64,
    /// Whether it was the first of its process (Lambda).
    pub cold: bool,
    /// How long the process took to start, in milliseconds, if it was the first.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub init_ms: Option<f64>,
    /// The most memory of the process, in MiB.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub memory_mb: Option<f64>,
    /// Whether it connected to the database, if it used one on a network.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub database_connection: Option<Connection>,
    /// What it wrote into the log.
    pub lines: Vec<Line>,
}

impl Invocation {
    /// By which id it is asked for: the request's own, or else AWS's.
    pub fn name(&self) -> Option<&str> {
        self.id.as_deref().or(self.aws_request_id.as_deref())
    }

    /// Roughly the memory that it takes, in bytes.
    pub fn weight(&self) -> usize {
        let words = [&self.id, &self.aws_request_id, &self.method, &self.route];
        let words = words.into_iter().flatten().map(String::len).sum::<usize>();
        let lines = self.lines.iter().map(|line| {
            let level = line.level.as_ref().map_or(0, String::len);
            size_of::<Line>() + line.text.len() + level
        });
        size_of::<Self>() + self.function.len() + words + lines.sum::<usize>()
    }
}
