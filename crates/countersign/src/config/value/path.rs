//! Names, and paths of files. Relative paths start at the working directory.

use std::path::{Path, PathBuf};

use super::{Kind, Value, Wrong};

impl Value for PathBuf {
    const KIND: Kind = Kind::text("path", "absolute, or relative to the working directory");

    fn parse(text: &str, base: &Path) -> Result<Self, Wrong> {
        Ok(base.join(text))
    }
}

impl Value for String {
    const KIND: Kind = Kind::text("text", "any text without control characters");

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        if text.contains(char::is_control) {
            return Err(Wrong::Form("must not hold control characters"));
        }
        Ok(text.to_owned())
    }
}
