//! `monitor`: what each function and endpoint did, out of a log or from a running server.

mod fault;
mod follow;
mod log;
mod server;
mod source;
mod view;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use countersign_app::ports::Clock as _;
use countersign_monitor::{Filter, Outcome, Timestamp};

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;
use crate::compose::SystemClock;
pub(super) use fault::ServerFault;
use source::Source;

/// Show what each function and endpoint did: invocations, errors, times, cold starts.
///
/// Reads a log (of a server, or of functions on AWS Lambda, as `aws logs tail` prints it), or else
/// asks a running server for its latest requests. Narrowed to one endpoint with `--route`, it lists
/// the invocations one by one; `--id` shows one with its log lines.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign monitor --token-file token.txt
  countersign monitor --log server.log --since 1h
  aws logs tail /aws/lambda/register --since 1d | countersign monitor --log -
  aws logs tail /aws/lambda/register --follow | countersign monitor --log - --follow
  countersign monitor --log server.log --route /v1/login
  countersign monitor --log server.log --id 8f5d2c1e-52a1-4f0e-9f1c-0a1b2c3d4e5f")]
pub(super) struct Monitor {
    /// Read this log; `-` is the standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["server", "token_file"])]
    log: Option<PathBuf>,
    /// Ask the server at this address instead of the configured one (`http.public_url`).
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// A file with a token for it that has the scope `monitor:read`: a personal access token, or an access
    /// token. Without it the token is read from the standard input, and asked for on a terminal.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Look again and again: on a terminal at the same figures, else line by line at each new invocation.
    #[arg(long, short, visible_alias = "watch")]
    follow: bool,
    /// Only this function. In a log that names none, what its function is called.
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    /// Only this method.
    #[arg(long)]
    method: Option<String>,
    /// Only this route, such as `/v1/login`, one by one; `-` for invocations without one.
    #[arg(long)]
    route: Option<String>,
    /// Only those that ended so, one by one: `ok`, `refused`, `failed`, `allowed`, `denied` or
    /// `unauthorized`.
    #[arg(long, value_parser = outcome)]
    outcome: Option<Outcome>,
    /// Only cold starts, one by one.
    #[arg(long)]
    cold: bool,
    /// Only the last hours or minutes, such as `90m` or `24h`. Else the whole log, or a server's last hour.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    since: Option<Duration>,
    /// One invocation with its log lines, by the request's id or that of AWS Lambda.
    #[arg(long, conflicts_with = "follow")]
    id: Option<String>,
    /// How many are listed one by one at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=100))]
    limit: u16,
}

/// What is to be shown.
#[derive(Clone, Debug)]
struct Asked {
    filter: Filter,
    since: Option<Duration>,
    is_one_by_one: bool,
    limit: u16,
}

impl Monitor {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let out = context.out;
        let asked = self.asked();
        let mut source = Source::open(&self, context)?;
        if let Some(id) = &self.id {
            let found = source.one(id).await?;
            let found = found.ok_or_else(|| CliError::NoSuch {
                kind: "invocation",
                name: id.clone(),
            })?;
            out.answer(&found, &view::invocation(&found))?;
        } else if self.follow {
            follow::follow(&mut source, &asked, out).await?;
        } else if asked.is_one_by_one {
            let list = source.listing(&asked).await?;
            out.answer(&list, &view::listing(&list))?;
            source.remark(out);
        } else {
            let overview = source.overview(&asked).await?;
            out.answer(&overview, &view::overview(&overview))?;
            source.remark(out);
        }
        Ok(Exit::Done)
    }

    fn asked(&self) -> Asked {
        Asked {
            filter: Filter {
                since: None,
                function: self.function.clone(),
                method: self.method.clone(),
                route: self.route.clone(),
                outcome: self.outcome,
                cold: self.cold.then_some(true),
            },
            since: self.since,
            is_one_by_one: self.route.is_some() || self.outcome.is_some() || self.cold,
            limit: self.limit,
        }
    }
}

impl Asked {
    /// The filter as of now.
    fn filter(&self, now: Timestamp) -> Filter {
        let since = self
            .since
            .map(|span| SystemClock.now().minus(span).as_millis());
        Filter {
            since: since
                .and_then(|millis| Timestamp::from_millisecond(millis).ok())
                .map(|at| at.min(now)),
            ..self.filter.clone()
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(SystemClock.now().as_millis()).unwrap_or_default()
}

fn span(text: &str) -> Result<Duration, String> {
    let span = text
        .parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|span| Duration::try_from(span).ok());
    span.filter(|span| !span.is_zero())
        .ok_or_else(|| "write it as in 90m, 24h or 2d".to_owned())
}

fn outcome(text: &str) -> Result<Outcome, String> {
    let names = "it is one of ok, refused, failed, allowed, denied, unauthorized";
    Outcome::of_name(text).ok_or_else(|| names.to_owned())
}
