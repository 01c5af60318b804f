//! Where the store is. The scheme names the backend.

use std::path::{Path, PathBuf};

use super::{Kind, Value, Wrong};

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUrl {
    /// An `SQLite` database in this file.
    Sqlite(PathBuf),
}

impl Value for StoreUrl {
    const KIND: Kind = Kind::text("store URL", "`sqlite:` and the path of the database file");

    fn parse(text: &str, base: &Path) -> Result<Self, Wrong> {
        let path = text.strip_prefix("sqlite:").ok_or(Wrong::Form(
            "expected sqlite: and a path; there is no other backend yet",
        ))?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') || path.contains('?') {
            return Err(Wrong::Form("expected the path of a file after sqlite:"));
        }
        Ok(Self::Sqlite(base.join(path)))
    }
}
