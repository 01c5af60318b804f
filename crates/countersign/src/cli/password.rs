//! Where a new password comes from: the terminal without echo, the standard input, or a file. Never
//! an argument: those are visible to every user of the machine, and stay in the shell's history.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use countersign_domain::password::Password;
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use super::error::CliError;
use crate::config::secret_file;

/// The flag that names a file.
#[derive(Args, Debug)]
pub(super) struct PasswordSource {
    /// Read the password from this file, or from the standard input if it is `-`. Without it the
    /// password is asked for on a terminal, and elsewhere read from the standard input.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordSource {
    /// Reads the password, which `whose` says more about.
    pub(super) fn read(&self, whose: &str) -> Result<Password, CliError> {
        match self.password_file.as_deref() {
            Some(path) if path != Path::new("-") => from_file(path),
            None if io::stdin().is_terminal() => from_terminal(whose),
            _ => from_stdin(),
        }
    }
}

fn from_file(path: &Path) -> Result<Password, CliError> {
    let file = secret_file::read(path).map_err(|fault| CliError::PasswordFile {
        path: path.to_owned(),
        fault,
    })?;
    Ok(Password::new(file.secret.expose_secret())?)
}

fn from_terminal(whose: &str) -> Result<Password, CliError> {
    let ask = |prompt: String| {
        rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .map_err(CliError::Input)
    };
    let first = ask(format!("New password for {whose}: "))?;
    let second = ask("The same again: ".to_owned())?;
    if first != second {
        return Err(CliError::PasswordsDiffer);
    }
    Ok(Password::new(&first)?)
}

fn from_stdin() -> Result<Password, CliError> {
    let text = stdin_text(Password::MAX_BYTES + 2)?;
    if text.is_empty() {
        return Err(CliError::Usage(
            "no password came on the standard input: pipe one in, or name a file with \
             --password-file"
                .to_owned(),
        ));
    }
    Ok(Password::new(&text)?)
}

/// The standard input without the line end that `echo` adds; a byte more than `limit` is cut off,
/// for the caller to find it too long.
pub(super) fn stdin_text(limit: usize) -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::with_capacity(limit + 1));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    io::stdin()
        .lock()
        .take(most)
        .read_to_string(&mut text)
        .map_err(CliError::Input)?;
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(text)
}
