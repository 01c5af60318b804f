//! Secrets given in an environment variable.

use std::path::Path;

use secrecy::SecretString;

use super::{Kind, Value, Wrong};

impl Value for SecretString {
    const KIND: Kind = Kind::text("secret", "only in an environment variable");

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        Ok(Self::from(text))
    }
}
