//! A local stand-in for API Gateway and AWS Lambda.
//!
//! Reads functions, routes and authorizers from an AWS SAM template or a `serverless.yml`, listens
//! for each API on a port of its own, and runs the functions as processes that speak the real
//! runtime API of Lambda. Authorizers, their caches, events, answers and errors are those of AWS, so
//! that what breaks there breaks here first.
//!
//! It knows nothing of Countersign. What it can't do, it warns of; what it can't check, it refuses.

mod chance;
mod console;
mod env_file;
mod gateway;
mod report;
mod runtime;
mod stack;
mod template;
mod text_file;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use crate::console::in_words;
pub use crate::report::{Happening, Invocation, ListedRoute, Listening, Reporter, Request};
pub use crate::template::TemplateError;

use crate::gateway::Gateway;
use crate::runtime::{Extra, Functions, Setting};
use crate::stack::{Api, ApiKind, Route, Target};
use crate::template::Choices;

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The template: AWS SAM's, or a `serverless.yml`.
    pub template: PathBuf,
    /// Another stage than the template's.
    pub stage: Option<String>,
    /// Parameters of the template.
    pub parameters: BTreeMap<String, String>,
    /// How to start a function, by its name, instead of what the template says: a line for `sh`.
    pub commands: BTreeMap<String, String>,
    /// A file with more environment for the functions: lines `NAME=VALUE`, or JSON.
    pub env_file: Option<PathBuf>,
    /// The address to listen on.
    pub address: IpAddr,
    /// The port of the first API; the next has the next one. Zero takes any that is free.
    pub port: u16,
    /// How many instances of one function run at once, at most.
    pub max_instances: usize,
    /// The environment of this process, of which functions get a little.
    pub environment: Vec<(OsString, OsString)>,
    /// The time.
    pub clock: fn() -> Timestamp,
    /// Who is told what happens.
    pub reporter: Reporter,
}

/// Why nothing can be started.
#[derive(Debug, thiserror::Error)]
pub enum OfflineError {
    /// The template can't be read.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template has nothing to listen for.
    #[error("{path} has no API and no function URL that can run here: give a function an event of type Api or HttpApi", path = .0.display())]
    Empty(PathBuf),
    /// The environment file can't be read.
    #[error("the environment file {path} can't be used: {reason}", path = .path.display())]
    EnvFile {
        /// Which file.
        path: PathBuf,
        /// Why not; never a value of it.
        reason: String,
    },
    /// A command is for a function that is not in the template.
    #[error("there is no function {0} in the template, and --function names it")]
    NoSuchFunction(String),
    /// A port is taken, or not ours.
    #[error("{address} can't be listened on: {source}; choose another with --port")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// A temporary file can't be written.
    #[error("the bootstraps of the runtimes can't be written: {0}")]
    Bootstraps(std::io::Error),
}

/// Everything that runs. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Offline {
    listening: Vec<Listening>,
    functions: Arc<Functions>,
    servers: JoinSet<()>,
    ended: mpsc::Receiver<()>,
}

/// Reads the template and starts listening. Functions are started when they are first asked.
pub async fn start(options: Options) -> Result<Offline, OfflineError> {
    let choices = Choices {
        stage: options.stage,
        parameters: options.parameters,
        environment: as_text(&options.environment),
    };
    let stack = template::read(&options.template, &choices)?;
    let apis: Vec<Api> = stack
        .apis
        .into_iter()
        .filter(|api| !api.routes.is_empty())
        .collect();
    if apis.is_empty() {
        return Err(OfflineError::Empty(options.template));
    }
    let known = |name: &&String| {
        !stack
            .functions
            .iter()
            .any(|function| function.name == **name)
    };
    if let Some(unknown) = options.commands.keys().find(known) {
        return Err(OfflineError::NoSuchFunction(unknown.clone()));
    }
    let reporter = options.reporter;
    let setting = Setting {
        commands: options.commands,
        inherited: options.environment,
        extra: options
            .env_file
            .map(read_env_file)
            .transpose()?
            .unwrap_or_default(),
        max_instances: options.max_instances,
        reporter: reporter.clone(),
        clock: options.clock,
    };
    let (functions, ended) =
        Functions::new(stack.functions, setting).map_err(OfflineError::Bootstraps)?;
    for warning in stack.warnings.into_iter().chain(functions.missing()) {
        reporter.warn(warning);
    }
    let functions = Arc::new(functions);
    let mut servers = JoinSet::new();
    let mut listening = Vec::new();
    let mut port = options.port;
    for api in apis {
        let address = SocketAddr::new(options.address, port);
        let failed = |source| OfflineError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        // Zero stays zero.
        port = if port == 0 { 0 } else { port.saturating_add(1) };
        let listed = list(&api, bound);
        reporter.tell(&Happening::Listening(listed.clone()));
        listening.push(listed);
        let gateway = Gateway::new(api, Arc::clone(&functions), reporter.clone());
        servers.spawn(gateway::listen(listener, Arc::new(gateway), options.clock));
    }
    Ok(Offline {
        listening,
        functions,
        servers,
        ended,
    })
}

impl Offline {
    /// The APIs and where they listen.
    pub fn listening(&self) -> &[Listening] {
        &self.listening
    }

    /// Ends every process that it has started, and returns once they have ended.
    pub async fn stop(mut self) {
        self.functions.stop();
        self.servers.shutdown().await;
        // Nothing is ever sent: it closes when the last process is gone.
        while self.ended.recv().await.is_some() {}
    }
}

impl Drop for Offline {
    fn drop(&mut self) {
        self.functions.stop();
    }
}

fn list(api: &Api, address: SocketAddr) -> Listening {
    let route = |route: &Route| ListedRoute {
        method: route.method.clone(),
        path: if route.path == "$default" {
            "/*".to_owned()
        } else {
            route.path.clone()
        },
        function: match &route.target {
            Target::Function(name) => Some(name.clone()),
            Target::Preflight(_) => None,
        },
        authorizer: route.authorizer.clone(),
    };
    Listening {
        api: api.name.clone(),
        kind: match api.kind {
            ApiKind::Rest => "rest",
            ApiKind::Http => "http",
            ApiKind::FunctionUrl => "function_url",
        },
        url: format!("http://{address}{}", api.base_path()),
        routes: api.routes.iter().map(route).collect(),
    }
}

fn read_env_file(path: PathBuf) -> Result<Extra, OfflineError> {
    let contents = text_file::read(&path).map_err(|error| error.to_string());
    let parsed = contents.and_then(|contents| env_file::parse(&contents));
    parsed.map_err(|reason| OfflineError::EnvFile { path, reason })
}

fn as_text(environment: &[(OsString, OsString)]) -> BTreeMap<String, String> {
    let text = |(name, value): &(OsString, OsString)| {
        Some((name.to_str()?.to_owned(), value.to_str()?.to_owned()))
    };
    environment.iter().filter_map(text).collect()
}
