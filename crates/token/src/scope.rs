//! One scope: a right that a token carries, by name. The grammar is `scope-token` of RFC 6749 §3.3.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::names::InvalidName;

/// Longest scope, in characters.
const MAX_SCOPE_CHARS: usize = 128;

/// A right, by name, for example `users:read`.
///
/// 1 to 128 characters of `%x21 / %x23-5B / %x5D-7E` (RFC 6749 §3.3): visible ASCII without the
/// quotation mark and the backslash.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(Cow<'static, str>);

impl Scope {
    /// A scope whose name is written in the program; for constants.
    ///
    /// ```
    /// use countersign_token::Scope;
    /// const USERS_READ: Scope = Scope::from_static("users:read");
    /// assert_eq!(USERS_READ.as_str(), "users:read");
    /// ```
    ///
    /// # Panics
    ///
    /// If `name` is no scope. In a `const` that is an error of compilation, which is the only place
    /// to use it; parse a name that comes from anywhere else.
    pub const fn from_static(name: &'static str) -> Self {
        assert!(
            is_scope_token(name),
            "not a scope-token of RFC 6749 section 3.3"
        );
        Self(Cow::Borrowed(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_scope_token(name: &str) -> bool {
    let mut rest = name.as_bytes();
    if rest.is_empty() || rest.len() > MAX_SCOPE_CHARS {
        return false;
    }
    while let [first, others @ ..] = rest {
        if !matches!(first, 0x21 | 0x23..=0x5B | 0x5D..=0x7E) {
            return false;
        }
        rest = others;
    }
    true
}

impl FromStr for Scope {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        if is_scope_token(name) {
            Ok(Self(Cow::Owned(name.to_owned())))
        } else {
            Err(InvalidName::Scope)
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Scope {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_that_of_rfc_6749() {
        for good in [
            "a",
            "users:read",
            "https://example.com/x",
            "!#[]~",
            &"s".repeat(128),
        ] {
            assert!(good.parse::<Scope>().is_ok(), "{good:?}");
        }
        for bad in [
            "",
            " ",
            "a b",
            "a\"",
            "a\\",
            "a\n",
            "é",
            "\u{7f}",
            &"s".repeat(129),
        ] {
            assert_eq!(bad.parse::<Scope>(), Err(InvalidName::Scope), "{bad:?}");
        }
    }

    #[test]
    fn a_static_and_a_parsed_scope_are_equal() {
        assert_eq!("users:read".parse(), Ok(Scope::from_static("users:read")));
    }
}
