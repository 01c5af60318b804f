//! The name of a key, `kid` (RFC 7515 §4.1.4). Keys made here are named by their thumbprint
//! (RFC 7638), so that a name can't come to mean another key.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::names::InvalidName;

/// Longest key id, in characters.
const MAX_KEY_ID_CHARS: usize = 128;

/// The name of a key: 1 to 128 visible ASCII characters.
///
/// For an asymmetric key it is the RFC 7638 thumbprint with SHA-256; for an HS256 secret it is derived
/// from the secret through HMAC (see [`crate::PrivateKey::key_id`]). It is no secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(String);

impl KeyId {
    /// The id as it stands in `kid`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_string(id: String) -> Result<Self, InvalidName> {
        let fits = (1..=MAX_KEY_ID_CHARS).contains(&id.len());
        if fits && id.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(id))
        } else {
            Err(InvalidName::KeyId)
        }
    }

    /// An id that this crate computed, in base64url.
    pub(crate) fn computed(base64url: String) -> Self {
        Self(base64url)
    }
}

impl FromStr for KeyId {
    type Err = InvalidName;

    fn from_str(id: &str) -> Result<Self, InvalidName> {
        Self::from_string(id.to_owned())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for KeyId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_string(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_is_short_visible_ascii() {
        assert!("2026-11".parse::<KeyId>().is_ok());
        for bad in [String::new(), "a b".into(), "é".into(), "k".repeat(129)] {
            assert_eq!(bad.parse::<KeyId>(), Err(InvalidName::KeyId));
        }
    }
}
