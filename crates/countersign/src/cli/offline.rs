//! `offline`: the stack of a deployment template on this machine, API Gateway and Lambda included.
//! What it does is `countersign_offline`'s; here are its arguments and its voice.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use clap::Args;
use countersign_app::ports::Clock as _;
use countersign_offline::{Happening, OfflineError, Options, Reporter, in_words};

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;
use super::output::Output;
use crate::compose::SystemClock;

/// Where a template is looked for.
const TEMPLATES: &[&str] = &[
    "template.yaml",
    "template.yml",
    "serverless.yml",
    "serverless.yaml",
    "deploy/aws-sam/template.yaml",
];

/// Run the functions of a deployment template here, behind a stand-in for API Gateway.
///
/// Reads an AWS SAM template or a serverless.yml and listens for each API and function URL on a port
/// of its own. Functions run as processes that speak the runtime API of Lambda; authorizers, their
/// caches, events, answers and errors are those of AWS. Ctrl-C ends all of it.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign offline
  countersign offline --template serverless.yml --stage dev --env-file .env
  countersign offline --function Authorizer=target/debug/authorizer
  countersign offline --json | jq 'select(.type == \"invocation\" and .cold)'")]
pub(super) struct Offline {
    /// The template; otherwise template.yaml, serverless.yml or deploy/aws-sam/template.yaml.
    #[arg(long, short, value_name = "FILE")]
    template: Option<PathBuf>,
    /// The port of the first API; each further one has the next. 0 takes any that is free.
    #[arg(long, short, default_value_t = 3000)]
    port: u16,
    /// The address to listen on. Anything but loopback lets others run your functions.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Another stage than the template's, which is where the paths of a REST API begin.
    #[arg(long)]
    stage: Option<String>,
    /// More environment for the functions: lines NAME=VALUE, or JSON by function.
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// A parameter of the template.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    parameter: Vec<(String, String)>,
    /// Start a function with this command instead of what the template says.
    #[arg(long, value_name = "NAME=COMMAND", value_parser = pair)]
    function: Vec<(String, String)>,
    /// How many instances of one function may run at once.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    max_instances: usize,
}

impl Offline {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let out = context.out;
        let mut ends = Ends::listen().map_err(CliError::Start)?;
        let running = countersign_offline::start(Options {
            template: self.template.unwrap_or_else(usual_template),
            stage: self.stage,
            parameters: BTreeMap::from_iter(self.parameter),
            commands: BTreeMap::from_iter(self.function),
            env_file: self.env_file,
            address: self.address,
            port: self.port,
            max_instances: self.max_instances,
            environment: std::env::vars_os().collect(),
            clock: now,
            reporter: Reporter::new(move |happening| tell(out, happening)),
        })
        .await?;
        ends.came().await;
        running.stop().await;
        Ok(Exit::Done)
    }
}

/// The first template that is there, or the first name, for the error message.
fn usual_template() -> PathBuf {
    let found = TEMPLATES.iter().find(|name| Path::new(name).is_file());
    found
        .or(TEMPLATES.first())
        .map(PathBuf::from)
        .unwrap_or_default()
}

fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(SystemClock.now().as_millis()).unwrap_or_default()
}

fn tell(out: Output, happening: &Happening) {
    let matters = matches!(
        happening,
        Happening::Listening(_) | Happening::Warning { .. }
    );
    if out.is_quiet() && !matters {
        return;
    }
    // Whoever does not listen to this is served all the same.
    let _ = out.answer(happening, &in_words(happening));
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// The stable code of an error, for programs.
pub(super) fn code(error: &OfflineError) -> &'static str {
    match error {
        OfflineError::Template(_) | OfflineError::Empty(_) => "template",
        OfflineError::EnvFile { .. } => "env_file",
        OfflineError::NoSuchFunction(_) => "not_found",
        OfflineError::Listen { .. } => "listen",
        OfflineError::Bootstraps(_) => "write",
    }
}

/// The exit code of an error.
pub(super) fn exit(error: &OfflineError) -> Exit {
    match error {
        OfflineError::Template(_) | OfflineError::Empty(_) | OfflineError::EnvFile { .. } => {
            Exit::Configuration
        }
        OfflineError::NoSuchFunction(_) => Exit::NotFound,
        OfflineError::Listen { .. } | OfflineError::Bootstraps(_) => Exit::Failed,
    }
}

/// The signals that end it: also that the terminal is closed, since functions must not outlive it.
struct Ends {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Ends {
    #[cfg(unix)]
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ];
        Ok(Self { signals })
    }

    #[cfg(not(unix))]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(unix)]
    async fn came(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn came(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
