//! `config show`.

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::table::table;
use crate::config::Effective;

/// Show every setting in force and where its value came from. Secrets are hidden.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign config show
  countersign config show tokens
  countersign config show --json | jq -r 'select(.source != \"default\").key'")]
pub(in crate::cli) struct Show {
    /// Only settings whose key begins with this.
    prefix: Option<String>,
}

impl Show {
    pub(super) fn run(self, context: &Context) -> Result<Exit, CliError> {
        let effective = context.load()?.effective;
        let prefix = self.prefix.unwrap_or_default();
        let wanted: Vec<&Effective> = effective
            .iter()
            .filter(|setting| setting.key.starts_with(&prefix))
            .collect();
        if wanted.is_empty() {
            return Err(CliError::NoSuch {
                kind: "setting",
                name: prefix,
            });
        }
        if context.out.is_json() {
            for Effective { key, value, place } in wanted {
                let source = place.to_string();
                let line = serde_json::json!({ "key": key, "value": value, "source": source });
                context.out.json(&line)?;
            }
            return Ok(Exit::Done);
        }
        let rows = wanted.iter().map(|setting| {
            [
                setting.key.clone(),
                setting.value.clone(),
                setting.place.to_string(),
            ]
        });
        context
            .out
            .text(&table(&["setting", "value", "source"], rows))?;
        Ok(Exit::Done)
    }
}
