//! What a command says: the answer on the standard output, for people or as JSON; everything else
//! on the standard error. A reader who has gone away is an error to stop by, never a panic.

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use super::error::CliError;

/// Where a command speaks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    json: bool,
    quiet: bool,
}

impl Output {
    pub(super) fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Whether the answer is for a program.
    pub(super) fn is_json(self) -> bool {
        self.json
    }

    /// Whether nothing but the answer is wanted.
    #[cfg(feature = "offline")]
    pub(super) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Whether somebody watches the standard error and wants to see progress.
    pub(super) fn shows_progress(self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }

    /// One JSON document on one line.
    #[expect(
        clippy::unused_self,
        reason = "every answer goes through whoever may give it"
    )]
    pub(super) fn json(self, value: &impl Serialize) -> Result<(), CliError> {
        let mut line =
            serde_json::to_string(value).map_err(|error| CliError::Output(error.into()))?;
        line.push('\n');
        write(line.as_bytes())
    }

    /// The answer in words, which `--json` leaves out.
    pub(super) fn text(self, text: &str) -> Result<(), CliError> {
        if self.json || text.is_empty() {
            Ok(())
        } else {
            self.raw(text)
        }
    }

    /// Text that is the same for people and programs.
    #[expect(
        clippy::unused_self,
        reason = "every answer goes through whoever may give it"
    )]
    pub(super) fn raw(self, text: &str) -> Result<(), CliError> {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        write(format!("{text}{end}").as_bytes())
    }

    /// The answer: as JSON, or else in words.
    pub(super) fn answer(self, value: &impl Serialize, text: &str) -> Result<(), CliError> {
        if self.json {
            self.json(value)
        } else {
            self.raw(text)
        }
    }

    /// A remark beside the answer.
    pub(super) fn note(self, text: &str) {
        if !self.quiet && !self.json {
            say(text);
        }
    }

    /// Why the command failed.
    pub(super) fn error(self, error: &CliError) {
        if self.json {
            let (code, message) = (error.code(), error.to_string());
            let object = serde_json::json!({ "error": { "code": code, "message": message } });
            say(&object.to_string());
        } else {
            say(&format!("error: {error}"));
        }
    }
}

fn write(bytes: &[u8]) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(CliError::Output)
}

/// Writes to the standard error; if that is gone there is nobody to tell.
pub(super) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
