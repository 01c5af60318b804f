//! Where a token comes from: the standard input. An argument would be visible to every user of the
//! machine, and stay in the shell's history.

use std::io::{self, IsTerminal as _};

use clap::Args;
use zeroize::Zeroizing;

use crate::cli::error::CliError;
use crate::cli::password::stdin_text;

/// Far more than any token has.
const MAX_BYTES: usize = 64 * 1024;

/// The argument that stands for the standard input.
#[derive(Args, Debug)]
pub(in crate::cli) struct TokenSource {
    /// `-`, or nothing: the token is read from the standard input, and asked for on a terminal.
    #[arg(value_name = "-")]
    source: Option<String>,
}

impl TokenSource {
    /// Reads the token.
    pub(super) fn read(&self) -> Result<Zeroizing<String>, CliError> {
        if self.source.as_deref().is_some_and(|source| source != "-") {
            return Err(CliError::Usage(
                "a token on the command line is visible to every user of the machine: pipe it to \
                 the standard input instead"
                    .to_owned(),
            ));
        }
        let text = if io::stdin().is_terminal() {
            rpassword::prompt_password("Token: ")
                .map(Zeroizing::new)
                .map_err(CliError::Input)?
        } else {
            stdin_text(MAX_BYTES)?
        };
        let token = Zeroizing::new(text.trim().to_owned());
        if token.is_empty() {
            return Err(CliError::Usage(
                "no token came on the standard input".to_owned(),
            ));
        }
        Ok(token)
    }
}
