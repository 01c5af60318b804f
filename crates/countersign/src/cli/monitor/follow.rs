//! Looks again and again: at the same figures on a terminal, at each new invocation elsewhere.

use std::collections::HashSet;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use countersign_monitor::Entry;
use tokio::time::sleep;

use super::source::Source;
use super::{Asked, now, view};
use crate::cli::error::CliError;
use crate::cli::output::Output;

/// How often figures are shown anew, and a server is asked.
const REFRESH_EVERY: Duration = Duration::from_secs(2);
/// How often the lines of a log are passed on.
const PASS_ON_EVERY: Duration = Duration::from_millis(100);
/// Puts the cursor home and clears what follows.
const CLEAR: &str = "\u{1b}[H\u{1b}[J";

/// Follows until the source ends, if it ever does.
pub(super) async fn follow(
    source: &mut Source,
    asked: &Asked,
    out: Output,
) -> Result<(), CliError> {
    if io::stdout().is_terminal() && !out.is_json() {
        figures(source, asked, out).await
    } else {
        one_by_one(source, asked, out).await
    }
}

async fn figures(source: &mut Source, asked: &Asked, out: Output) -> Result<(), CliError> {
    loop {
        let goes_on = match source {
            Source::Log(log) => log.catch_up()?,
            Source::Server(_) => true,
        };
        let text = if asked.is_one_by_one {
            view::listing(&source.listing(asked).await?)
        } else {
            view::overview(&source.overview(asked).await?)
        };
        out.raw(&format!("{CLEAR}{text}"))?;
        if !goes_on {
            return Ok(());
        }
        sleep(REFRESH_EVERY).await;
    }
}

async fn one_by_one(source: &mut Source, asked: &Asked, out: Output) -> Result<(), CliError> {
    let mut seen: Option<HashSet<String>> = None;
    loop {
        let (fresh, pause) = match source {
            Source::Log(log) => {
                let goes_on = log.catch_up()?;
                let filter = asked.filter(now());
                let fresh = log.fresh_ones();
                let fresh = fresh
                    .iter()
                    .filter(|one| filter.takes(one))
                    .map(Entry::from);
                (fresh.collect(), goes_on.then_some(PASS_ON_EVERY))
            }
            Source::Server(_) => {
                let latest = source
                    .listing(&Asked {
                        limit: 100,
                        ..asked.clone()
                    })
                    .await?;
                (unseen(latest.invocations, &mut seen), Some(REFRESH_EVERY))
            }
        };
        for entry in fresh {
            out.answer(&entry, &view::line(&entry))?;
        }
        let Some(pause) = pause else { return Ok(()) };
        sleep(pause).await;
    }
}

/// Those that were not seen before, the oldest first. The first time, that is none: what follows is asked
/// for.
fn unseen(latest: Vec<Entry>, seen: &mut Option<HashSet<String>>) -> Vec<Entry> {
    let ids = latest.iter().filter_map(|one| one.id.clone()).collect();
    let before = seen.replace(ids);
    let Some(before) = before else {
        return Vec::new();
    };
    let is_new = |one: &Entry| one.id.as_ref().is_some_and(|id| !before.contains(id));
    latest.into_iter().rev().filter(is_new).collect()
}
