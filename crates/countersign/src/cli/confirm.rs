//! Asking before what can't be undone.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::Args;

use super::error::CliError;

/// The flag that answers beforehand.
#[derive(Args, Debug)]
pub(super) struct Confirmation {
    /// Do it without asking.
    #[arg(long, short)]
    yes: bool,
}

impl Confirmation {
    /// Asks on a terminal; elsewhere `--yes` must have been given.
    pub(super) fn ask(&self, question: &str) -> Result<(), CliError> {
        if self.yes {
            return Ok(());
        }
        let (stdin, mut stderr) = (io::stdin(), io::stderr());
        if !stdin.is_terminal() || !stderr.is_terminal() {
            return Err(CliError::NeedsYes);
        }
        let _ = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
        let mut answer = String::new();
        stdin
            .lock()
            .read_line(&mut answer)
            .map_err(CliError::Input)?;
        if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
            Ok(())
        } else {
            Err(CliError::NotConfirmed)
        }
    }
}
