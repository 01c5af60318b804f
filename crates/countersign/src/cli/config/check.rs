//! `config check`.

use clap::Args;

use super::view;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Check the configuration as a start would, and change nothing.
///
/// Everything that is wrong is reported at once, each with its place and its fix; the exit code is
/// then 5.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign config check
  countersign config check --config /etc/countersign.toml --json")]
pub(in crate::cli) struct Check {}

impl Check {
    pub(super) fn run(context: &Context) -> Result<Exit, CliError> {
        let out = context.out;
        match context.load() {
            Ok(loaded) => {
                let warnings: Vec<String> = loaded
                    .warnings
                    .iter()
                    .map(|warning| format!("warning: {warning}\n"))
                    .collect();
                let text = format!("{}the configuration is right", warnings.concat());
                let warnings = view::warnings(&loaded.warnings);
                let answer = serde_json::json!({ "ok": true, "errors": [], "warnings": warnings });
                out.answer(&answer, &text)?;
                Ok(Exit::Done)
            }
            Err(errors) if out.is_json() => {
                let errors = view::errors(&errors);
                out.json(&serde_json::json!({ "ok": false, "errors": errors, "warnings": [] }))?;
                Ok(Exit::Configuration)
            }
            Err(errors) => Err(errors.into()),
        }
    }
}
