//! A set of public keys (RFC 7517 §5), as an issuer publishes it. What is for something else is passed
//! over, as §5 asks; what is dangerous or ambiguous makes the whole set refused.

use std::str::FromStr;

use serde::Serialize;

use crate::json;
use crate::jwk::{Jwk, JwkError};

/// Largest document that is read, in bytes.
const MAX_SET_BYTES: usize = 64 * 1024;
/// Most keys in a set, those passed over included.
const MAX_KEYS: usize = 100;

/// Why a key set is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// More than 64 KiB or more than 100 keys.
    #[error("the key set has more than 64 KiB or more than 100 keys")]
    TooLarge,
    /// No JSON object with an array `keys`, or a member named twice.
    #[error("the key set is not a JSON object with an array of keys, each member named once")]
    Malformed,
    /// Two different keys, or two algorithms for one key, under one `kid`.
    #[error("two keys of the set share one kid")]
    DuplicateKeyId,
    /// One of the keys is refused.
    #[error("a key of the set is refused: {0}")]
    Key(JwkError),
}

impl JwkSetError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "jwk_set_too_large",
            Self::Malformed => "malformed_jwk_set",
            Self::DuplicateKeyId => "duplicate_key_id",
            Self::Key(error) => error.code(),
        }
    }
}

/// The public keys of an issuer, each with its own `kid`. Writes as the body of
/// `/.well-known/jwks.json`; reads with [`JwkSet::parse`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    keys: Vec<Jwk>,
}

impl JwkSet {
    /// A set of `keys`, in this order. A key that comes twice counts once.
    ///
    /// Errors: [`JwkSetError::DuplicateKeyId`], [`JwkSetError::TooLarge`].
    pub fn new(keys: impl IntoIterator<Item = Jwk>) -> Result<Self, JwkSetError> {
        let mut set = Self::default();
        for key in keys {
            set.add(key)?;
        }
        Ok(set)
    }

    /// Reads the document that an issuer publishes.
    ///
    /// Keys of unknown type or algorithm, or for encryption (`use`, `key_ops`), are passed over. Errors: [`JwkSetError`].
    pub fn parse(document: &[u8]) -> Result<Self, JwkSetError> {
        if document.len() > MAX_SET_BYTES {
            return Err(JwkSetError::TooLarge);
        }
        let document = json::parse(document).map_err(|_| JwkSetError::Malformed)?;
        let keys = document.get("keys").and_then(|keys| keys.as_array());
        let keys = keys.ok_or(JwkSetError::Malformed)?;
        if keys.len() > MAX_KEYS {
            return Err(JwkSetError::TooLarge);
        }
        let mut set = Self::default();
        for key in keys {
            match Jwk::from_value(key) {
                Ok(key) => set.add(key)?,
                Err(JwkError::Unsupported) => {}
                Err(error) => return Err(JwkSetError::Key(error)),
            }
        }
        Ok(set)
    }

    /// The keys.
    pub fn iter(&self) -> std::slice::Iter<'_, Jwk> {
        self.keys.iter()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn add(&mut self, key: Jwk) -> Result<(), JwkSetError> {
        match self
            .keys
            .iter()
            .find(|other| other.key_id() == key.key_id())
        {
            Some(other) if *other == key => Ok(()),
            Some(_) => Err(JwkSetError::DuplicateKeyId),
            None if self.keys.len() >= MAX_KEYS => Err(JwkSetError::TooLarge),
            None => {
                self.keys.push(key);
                Ok(())
            }
        }
    }
}

impl FromStr for JwkSet {
    type Err = JwkSetError;

    fn from_str(document: &str) -> Result<Self, JwkSetError> {
        Self::parse(document.as_bytes())
    }
}

impl<'a> IntoIterator for &'a JwkSet {
    type Item = &'a Jwk;
    type IntoIter = std::slice::Iter<'a, Jwk>;

    fn into_iter(self) -> Self::IntoIter {
        self.keys.iter()
    }
}
