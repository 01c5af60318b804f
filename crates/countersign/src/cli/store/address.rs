//! Addresses of stores on the command line. One with a password in it comes from a file: other users
//! of the machine see what stands on a command line.

use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;

use crate::cli::error::CliError;
use crate::config::{StoreUrl, secret_file};

/// Reads the address that a flag, or the file of the flag beside it, gives; `None` if neither does.
pub(super) fn read(
    flag: &'static str,
    text: Option<&str>,
    file: Option<&PathBuf>,
) -> Result<Option<StoreUrl>, CliError> {
    if let Some(text) = text {
        let url = parse(flag, text)?;
        return if url.holds_password() {
            Err(CliError::PasswordInFlag { flag })
        } else {
            Ok(Some(url))
        };
    }
    let Some(path) = file else { return Ok(None) };
    let secret = secret_file::read(path).map_err(|fault| CliError::AddressFile {
        flag,
        path: path.clone(),
        fault,
    })?;
    parse(flag, secret.secret.expose_secret()).map(Some)
}

fn parse(flag: &'static str, text: &str) -> Result<StoreUrl, CliError> {
    // A store is recognized by its address, so that must not depend on where the command is run.
    let base = std::env::current_dir().unwrap_or_else(|_| Path::new("").to_owned());
    let wrong = |wrong| CliError::Address { flag, wrong };
    StoreUrl::read(text.trim(), &base).map_err(wrong)
}
