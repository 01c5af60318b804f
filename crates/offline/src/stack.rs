//! What a template describes, whichever framework wrote it: functions, APIs, routes, authorizers.
//! Knows nothing of YAML and nothing of how any of it is run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

/// Everything that a template describes and that can run here.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// The functions.
    pub functions: Vec<Function>,
    /// The APIs in front of them.
    pub apis: Vec<Api>,
    /// What the template says and what is left out here, in words for people.
    pub warnings: Vec<String>,
}

/// One Lambda function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name in the template, and in front of its lines.
    pub name: String,
    /// `nodejs22.x`, `python3.13`, `provided.al2023` …; empty if the template doesn't say.
    pub runtime: String,
    /// `file.export`; for an executable, what the template says.
    pub handler: String,
    /// The directory with its code, or its executable.
    pub code: PathBuf,
    /// The name under which `cargo lambda build` puts its executable, if it is built so.
    pub cargo_lambda: Option<String>,
    /// What its environment holds besides that of every function.
    pub environment: BTreeMap<String, String>,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// In MiB; said to the function, and not enforced.
    pub memory_mb: u64,
}

/// Which product of AWS an API stands for: they differ in events, matching and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// API Gateway REST API.
    Rest,
    /// API Gateway HTTP API.
    Http,
    /// The URL of one function.
    FunctionUrl,
}

/// One API, which listens on a port of its own.
#[derive(Clone, Debug)]
pub struct Api {
    /// Its name in the template.
    pub name: String,
    /// Which product it stands for.
    pub kind: ApiKind,
    /// Its stage; `$default` has no place in the path.
    pub stage: String,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Its authorizers, by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// What the gateway itself answers to other origins (HTTP APIs and function URLs).
    pub cors: Option<Cors>,
    /// Media types that pass as bytes (REST APIs).
    pub binary_media_types: Vec<String>,
}

impl Api {
    /// The stage in front of each path, such as `/prod`; empty for `$default`.
    pub fn base_path(&self) -> String {
        if self.stage == "$default" {
            String::new()
        } else {
            format!("/{}", self.stage)
        }
    }
}

/// One route.
#[derive(Clone, Debug)]
pub struct Route {
    /// `GET`, or `ANY`.
    pub method: String,
    /// `/users/{id}`, `/{proxy+}`, or `$default`.
    pub path: String,
    /// What answers it.
    pub target: Target,
    /// The shape of the event.
    pub payload: Payload,
    /// The name of its authorizer.
    pub authorizer: Option<String>,
    /// Whether it asks for an API key. There are none here, so it refuses every request.
    pub wants_api_key: bool,
}

impl Route {
    /// As HTTP APIs name it: `GET /users/{id}`, or `$default`.
    pub fn key(&self) -> String {
        if self.path == "$default" {
            self.path.clone()
        } else {
            format!("{} {}", self.method, self.path)
        }
    }
}

/// What answers a route.
#[derive(Clone, Debug)]
pub enum Target {
    /// The function of this name.
    Function(String),
    /// The gateway itself, as REST APIs answer a preflight.
    Preflight(Cors),
}

/// The shape of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Format 1.0, and that of REST APIs.
    V1,
    /// Format 2.0.
    V2,
}

/// What a gateway says to other origins.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// Origins, or `*`.
    pub origins: Vec<String>,
    /// Methods, or `*`.
    pub methods: Vec<String>,
    /// Request headers, or `*`.
    pub headers: Vec<String>,
    /// Response headers that a page may read.
    pub expose: Vec<String>,
    /// Whether cookies and credentials may come along.
    pub credentials: bool,
    /// For how many seconds the answer holds.
    pub max_age: Option<u64>,
}

/// What stands in front of a route.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// Its name in the template.
    pub name: String,
    /// What it is.
    pub check: Check,
}

/// The kinds of authorizers.
#[derive(Clone, Debug)]
pub enum Check {
    /// A Lambda function.
    Lambda(LambdaCheck),
    /// Something that can't run here, in words. Its routes refuse every request.
    Unavailable(String),
}

/// A Lambda authorizer.
#[derive(Clone, Debug)]
pub struct LambdaCheck {
    /// The function that decides.
    pub function: String,
    /// What it is asked with.
    pub kind: LambdaKind,
    /// What must be in a request, and what its cached answer is filed under.
    pub identity: Vec<IdentitySource>,
    /// How long its answer is reused; zero for never. At most an hour.
    pub ttl: Duration,
    /// Whether it may answer `{"isAuthorized": true}` (HTTP APIs).
    pub simple: bool,
}

/// What a Lambda authorizer is asked with.
#[derive(Clone, Debug)]
pub enum LambdaKind {
    /// The value of one header (REST APIs), if it has this form.
    Token(Option<Regex>),
    /// The request.
    Request(Payload),
}

/// A part of a request that says who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// A header.
    Header(String),
    /// A parameter of the query.
    Query(String),
    /// A stage variable.
    StageVariable(String),
    /// A context variable, such as `routeKey` or `identity.sourceIp`.
    Context(String),
}

impl IdentitySource {
    /// Reads `method.request.header.Auth`, `$request.querystring.token` and their like.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('$').unwrap_or(text);
        let text = text.strip_prefix("method.").unwrap_or(text);
        let named = |prefix: &str| text.strip_prefix(prefix).map(str::to_owned);
        named("request.header.")
            .map(Self::Header)
            .or_else(|| named("request.querystring.").map(Self::Query))
            .or_else(|| named("stageVariables.").map(Self::StageVariable))
            .or_else(|| named("context.").map(Self::Context))
            .filter(|source| !source.name().is_empty())
    }

    fn name(&self) -> &str {
        match self {
            Self::Header(name)
            | Self::Query(name)
            | Self::StageVariable(name)
            | Self::Context(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_sources_are_read_in_the_words_of_both_gateways() {
        let header = Some(IdentitySource::Header("Authorization".to_owned()));
        assert_eq!(
            IdentitySource::parse("method.request.header.Authorization"),
            header
        );
        assert_eq!(
            IdentitySource::parse(" $request.header.Authorization"),
            header
        );
        let query = Some(IdentitySource::Query("token".to_owned()));
        assert_eq!(
            IdentitySource::parse("method.request.querystring.token"),
            query
        );
        let context = Some(IdentitySource::Context("routeKey".to_owned()));
        assert_eq!(IdentitySource::parse("$context.routeKey"), context);
        assert_eq!(IdentitySource::parse("$request.body.x"), None);
        assert_eq!(IdentitySource::parse("$request.header."), None);
    }
}
