//! Where the invocations come from. Both sources answer the same questions.

use countersign_monitor::{Invocation, Listing, Overview, find, listing, overview};

use super::log::Log;
use super::server::Server;
use super::{Asked, Monitor, now};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::Output;

/// Where the invocations come from.
pub(super) enum Source {
    Log(Box<Log>),
    Server(Server),
}

impl Source {
    /// Opens what the arguments name. A log that is not followed is read to its end.
    pub(super) fn open(arguments: &Monitor, context: &Context) -> Result<Self, CliError> {
        if let Some(path) = &arguments.log {
            let function = arguments.function.as_deref().unwrap_or("unnamed");
            let log = Log::open(path, function, arguments.follow)?;
            return Ok(Self::Log(Box::new(log)));
        }
        let server = match &arguments.server {
            Some(server) => server.clone(),
            None => context.settings()?.http.public_url.as_str().to_owned(),
        };
        Ok(Self::Server(Server::new(
            &server,
            arguments.token_file.as_deref(),
        )?))
    }

    pub(super) async fn overview(&mut self, asked: &Asked) -> Result<Overview, CliError> {
        match self {
            Self::Log(log) => {
                let stock = log.stock();
                // A whole log is shown to its own end, whenever that was.
                let end = asked.since.map_or_else(|| stock.ends_at(), |_| None);
                Ok(overview(
                    stock,
                    &asked.filter(now()),
                    end.unwrap_or_else(now),
                ))
            }
            Self::Server(server) => server.get("", &asked.pairs()).await,
        }
    }

    pub(super) async fn listing(&mut self, asked: &Asked) -> Result<Listing, CliError> {
        match self {
            Self::Log(log) => {
                let filter = asked.filter(now());
                Ok(listing(log.stock(), &filter, usize::from(asked.limit)))
            }
            Self::Server(server) => {
                let mut pairs = asked.pairs();
                pairs.push(("limit", asked.limit.to_string()));
                server.get("/invocations", &pairs).await
            }
        }
    }

    /// One invocation by its id.
    pub(super) async fn one(&mut self, id: &str) -> Result<Option<Invocation>, CliError> {
        match self {
            Self::Log(log) => Ok(find(&log.stock(), id).map(|one| one.as_ref().clone())),
            Self::Server(server) => server.one(id).await,
        }
    }

    /// Says what could not be read.
    pub(super) fn remark(&self, out: Output) {
        if let Self::Log(log) = self {
            let tally = log.tally();
            if tally.unread > 0 {
                out.note(&format!(
                    "{} of {} lines could not be read",
                    tally.unread, tally.lines
                ));
            }
        }
    }
}

impl Asked {
    /// The parameters of a query.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let filter = &self.filter;
        let minutes = self
            .since
            .map(|since| since.as_secs().div_ceil(60).to_string());
        let outcome = filter.outcome.map(|outcome| outcome.as_str().to_owned());
        let pairs = [
            ("minutes", minutes),
            ("function", filter.function.clone()),
            ("method", filter.method.clone()),
            ("route", filter.route.clone()),
            ("outcome", outcome),
            ("cold", filter.cold.map(|cold| cold.to_string())),
        ];
        pairs
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}
