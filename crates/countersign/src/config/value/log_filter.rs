//! What is logged: a level, or levels by module.

use std::path::Path;

use tracing_subscriber::filter::Targets;

use super::{Kind, Value, Wrong};

/// Which log events are written.
#[derive(Debug, Clone, PartialEq)]
pub struct LogFilter(pub Targets);

const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

impl Value for LogFilter {
    const KIND: Kind = Kind::text(
        "log filter",
        "`off`, `error`, `warn`, `info`, `debug` or `trace`, then levels by module: `info,countersign=debug`",
    );

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        // The filter's own syntax takes a lone unknown word for a module to trace, so a misspelt
        // level would silence everything else.
        for directive in text.split(',').map(str::trim) {
            let level = directive
                .rsplit_once('=')
                .map_or(directive, |(_, level)| level);
            if !LEVELS.contains(&level) {
                return Err(Wrong::Choice(LEVELS));
            }
        }
        text.parse()
            .map(Self)
            .map_err(|_| Wrong::Form("expected a log filter"))
    }
}
