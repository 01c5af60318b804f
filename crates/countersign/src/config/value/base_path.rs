//! A path below which everything is.

use std::path::Path;

use super::{Kind, Value, Wrong};

/// A path below which everything is: it begins with `/` and does not end with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// As it stands before every path of ours.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for BasePath {
    const KIND: Kind = Kind::text("path", "`/auth`, or several parts: `/prod/auth`");

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let is_part = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(plain);
        match text.strip_prefix('/') {
            Some(parts) if parts.split('/').all(is_part) => Ok(Self(text.to_owned())),
            _ => Err(Wrong::Form(
                "expected parts of letters, digits, `-`, `.`, `_` and `~`, each after a `/`",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_begins_with_a_slash_and_ends_without_one() {
        for (text, is_good) in [
            ("/auth", true),
            ("/prod/auth-2", true),
            ("auth", false),
            ("/", false),
            ("/auth/", false),
            ("//auth", false),
            ("/a/../b", false),
            ("/a?b", false),
            ("/a b", false),
        ] {
            let read = BasePath::parse(text, Path::new(""));
            assert_eq!(read.is_ok(), is_good, "{text}");
        }
    }
}
