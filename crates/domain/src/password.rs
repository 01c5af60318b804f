//! Passwords and what is kept of them.
//!
//! A password is counted and hashed after NFC (NIST SP 800-63B-4 §3.1.1.2), never truncated and
//! never printed. How it is hashed and judged belongs to the password method; this module only
//! makes sure that what is no password never gets there.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

/// A password in NFC. It can't be printed, serialized or compared.
#[derive(Clone)]
pub struct Password {
    text: SecretString,
    chars: usize,
}

/// The text is too long to be taken for a password at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// No characters.
    #[error("the password is empty")]
    Empty,
    /// More than [`Password::MAX_BYTES`].
    #[error("the password is longer than 4096 bytes")]
    TooLong,
}

impl Password {
    /// No password is longer, whatever the policy: bounds the work of normalising and hashing.
    pub const MAX_BYTES: usize = 4096;

    /// Takes the text as typed; brings it to NFC.
    pub fn new(text: &str) -> Result<Self, InvalidPassword> {
        if text.is_empty() {
            return Err(InvalidPassword::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidPassword::TooLong);
        }
        let normal: String = text.nfc().collect();
        if normal.len() > Self::MAX_BYTES {
            return Err(InvalidPassword::TooLong);
        }
        let chars = normal.chars().count();
        Ok(Self {
            text: SecretString::from(normal),
            chars,
        })
    }

    /// Its length in characters (Unicode scalar values after NFC).
    pub fn chars(&self) -> usize {
        self.chars
    }

    /// The text, for the method that hashes it and nobody else.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A stored password hash: a PHC string, or the modular crypt form in which it came from elsewhere.
/// Only the password method reads inside. It is not printed.
#[derive(Clone)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// Wraps a string made by the password method or read back from a store.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The string, for the store and the password method.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        self.expose()
            .as_bytes()
            .ct_eq(other.expose().as_bytes())
            .into()
    }
}

impl Eq for PasswordHash {}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Why a new password is refused, in words for the person who chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WeakPassword {
    /// Fewer characters than the policy's minimum.
    TooShort {
        /// The policy's minimum, in characters.
        min: usize,
    },
    /// More characters than the policy's maximum.
    TooLong {
        /// The policy's maximum, in characters.
        max: usize,
    },
    /// On the list of passwords that everybody tries first.
    Common,
    /// It is, or is built around, the person's own name or address.
    Personal,
    /// Too easy to guess by the strength estimate.
    Guessable {
        /// The estimate, 0 (at once) to 4 (out of reach).
        score: u8,
        /// The least score the policy takes.
        min_score: u8,
        /// What makes it weak, for people to read, when the estimate can tell.
        warning: Option<String>,
        /// What would make it stronger.
        suggestions: Vec<String>,
    },
}

impl WeakPassword {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "password_too_short",
            Self::TooLong { .. } => "password_too_long",
            Self::Common => "password_common",
            Self::Personal => "password_personal",
            Self::Guessable { .. } => "password_guessable",
        }
    }
}

impl fmt::Display for WeakPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { min } => write!(f, "the password needs at least {min} characters"),
            Self::TooLong { max } => write!(f, "the password has more than {max} characters"),
            Self::Common => {
                f.write_str("this password is on the list that attackers try first; choose another")
            }
            Self::Personal => {
                f.write_str("the password must not be built from your name or address")
            }
            Self::Guessable {
                warning,
                suggestions,
                ..
            } => {
                f.write_str("the password is too easy to guess")?;
                if let Some(warning) = warning {
                    write!(f, ": {warning}")?;
                }
                for suggestion in suggestions {
                    write!(f, " {suggestion}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_after_nfc() {
        assert_eq!(Password::new("e\u{301}e\u{301}").unwrap().chars(), 2);
        assert_eq!(
            Password::new("\u{e9}\u{e9}").unwrap().expose(),
            "\u{e9}\u{e9}"
        );
        assert_eq!(Password::new("🔑🔑🔑").unwrap().chars(), 3);
    }

    #[test]
    fn nothing_is_cut_from_a_long_password() {
        let long = "x".repeat(Password::MAX_BYTES);
        assert_eq!(Password::new(&long).unwrap().expose(), long);
        let longer = "x".repeat(Password::MAX_BYTES + 1);
        assert_eq!(
            Password::new(&longer).unwrap_err(),
            InvalidPassword::TooLong
        );
    }

    #[test]
    fn a_password_and_its_hash_are_never_printed() {
        let password = Password::new("hunter2 hunter2").unwrap();
        let hash = PasswordHash::from_stored("$argon2id$secret");
        assert_eq!(
            format!("{password:?} {hash:?}"),
            "Password(…) PasswordHash(…)"
        );
    }
}
