//! `serve`: runs the server until it is told to stop.

use clap::Args;

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;
use crate::config::{Flag, LogFormat, OnLambda, Settings};
use crate::serve;

/// Run the server (also what happens without a command).
///
/// Makes the data directory, the database and the keys at the first start, and says where
/// everything is. SIGTERM and SIGINT drain it: requests in flight are answered first. As an
/// AWS Lambda function it answers the function's events instead.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign serve
  countersign serve --listen 0.0.0.0:8080 --set http.public_url=https://auth.example.com
  countersign serve --config /etc/countersign.toml --log-format json")]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) flags: Flags,
}

// The settings that a start most often wants changed; without a doc comment, because that would
// take the place of the help text of whatever they are flattened into.
#[derive(Args, Debug)]
#[command(next_help_heading = "Server options")]
pub(super) struct Flags {
    /// Address and port of the API (`http.listen`).
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Address and port of metrics and health, or `off` (`ops.listen`).
    #[arg(long, value_name = "ADDRESS")]
    ops_listen: Option<String>,
    /// `development` or `production` (`mode`).
    #[arg(long)]
    mode: Option<String>,
    /// `text` for people, `json` for programs (`log.format`).
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// Which events are logged, such as `info` or `info,countersign=debug` (`log.level`).
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
}

/// Serves.
pub(super) async fn run(flags: &Flags, context: &Context) -> Result<Exit, CliError> {
    let loaded = context.clone().with_flags(flags.settings()).load()?;
    let settings = loaded.settings;
    let monitor = if loaded.on_lambda.is_none() {
        serve::kept(&settings.monitor)
    } else {
        None
    };
    let logs = serve::start_logs(&settings.log, &settings.telemetry, monitor.clone())?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    if let Some(platform) = &loaded.on_lambda {
        return on_lambda(settings, platform, logs, context).await;
    }
    let out = context.out;
    let in_json = out.is_json() || settings.log.format == LogFormat::Json;
    let ended = serve::run(&settings, monitor, |started| {
        let text = if in_json {
            started.to_json()
        } else {
            format!("{started}\n")
        };
        // Whoever does not listen to this is served all the same.
        let _ = out.raw(&text);
    });
    match ended.await? {
        serve::Exit::Drained => Ok(Exit::Done),
        serve::Exit::CutOff(_) => Ok(Exit::Failed),
    }
}

/// Serves the events of the AWS Lambda function that this process is.
#[cfg(feature = "lambda")]
async fn on_lambda(
    settings: Settings,
    platform: &OnLambda,
    logs: serve::Logs,
    context: &Context,
) -> Result<Exit, CliError> {
    crate::lambda::run(settings, platform, logs, context.begun).await?;
    Ok(Exit::Done)
}

#[cfg(not(feature = "lambda"))]
async fn on_lambda(
    _: Settings,
    _: &OnLambda,
    _: serve::Logs,
    _: &Context,
) -> Result<Exit, CliError> {
    Err(CliError::NotBuiltForLambda)
}

impl Flags {
    /// Before another command these flags would be forgotten in silence.
    pub(super) fn refuse_before_a_command(&self) -> Result<(), CliError> {
        match self.settings().first() {
            None => Ok(()),
            Some(Flag { flag, .. }) => Err(CliError::Usage(format!(
                "{flag} belongs to serve: write it after that command"
            ))),
        }
    }

    fn settings(&self) -> Vec<Flag> {
        [
            ("--listen", "http.listen", &self.listen),
            ("--ops-listen", "ops.listen", &self.ops_listen),
            ("--mode", "mode", &self.mode),
            ("--log-format", "log.format", &self.log_format),
            ("--log-level", "log.level", &self.log_level),
        ]
        .into_iter()
        .filter_map(|(flag, key, value)| Some(Flag::new(flag, key, value.as_deref()?)))
        .collect()
    }
}
