//! `docs/cli.md`, written from the commands themselves.

use std::fmt::Write as _;

use clap::{Args, Command, CommandFactory as _};

use super::args::Cli;
use super::context::Context;
use super::error::CliError;
use super::exit::{self, Exit};

/// Print the reference of all commands, as Markdown.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign cli-reference > docs/cli.md")]
pub(super) struct CliReference {}

impl CliReference {
    pub(super) fn run(context: &Context) -> Result<Exit, CliError> {
        context.out.raw(&reference())?;
        Ok(Exit::Done)
    }
}

const INTRODUCTION: &str = "\
# Command line

<!-- Written by `countersign cli-reference`; change the commands in the source, not this file. -->

USER is an id, an e-mail address or a username. Every command takes the common options `--config`,
`--data-dir`, `--set`, `--json` and `--quiet`; with `--json` the answer is one JSON document, or one
a line for lists, and an error is `{\"error\":{\"code\",\"message\"}}` on the standard error. Passwords
and tokens are never arguments: they are asked for, piped in, or read from a file.
";

/// The reference, as Markdown.
pub fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    // Writing to a String never fails.
    let _ = write!(page, "\n```text\n{}\n```\n", exit::TABLE);
    let mut root = Cli::command().term_width(96).disable_help_subcommand(true);
    root.build();
    describe(&mut root, &mut page);
    page
}

fn describe(command: &mut Command, page: &mut String) {
    let is_group = command.has_subcommands() && command.get_name() != "countersign";
    if !is_group {
        let name = command.get_bin_name().unwrap_or("countersign").to_owned();
        let help = command.clone().term_width(96).render_help().to_string();
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        let help = help.join("\n");
        let help = help
            .split("\nCommon options:")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned();
        let after = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let after = if help.contains("\nExamples:") {
            String::new()
        } else {
            format!("\n\n{after}")
        };
        let _ = write!(page, "\n## `{name}`\n\n```text\n{help}{after}\n```\n");
    }
    for sub in command.get_subcommands_mut() {
        if !sub.is_hide_set() {
            describe(sub, page);
        }
    }
}
