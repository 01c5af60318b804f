//! The names of the two ends of a token: who issues it (`iss`) and whom it is for (`aud`), after
//! RFC 7519 §4.1.1 and §4.1.3. They are compared as exact strings, never as URLs.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A name that breaks its grammar. The message says what is allowed and never repeats the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// Not an issuer.
    #[error("an issuer is 1 to 512 bytes without control characters")]
    Issuer,
    /// Not an audience.
    #[error("an audience is 1 to 512 bytes without control characters")]
    Audience,
    /// Not a scope (RFC 6749 §3.3).
    #[error(
        "a scope is 1 to 128 visible ASCII characters, without space, quotation mark or backslash"
    )]
    Scope,
    /// Not a list of scopes (RFC 6749 §3.3).
    #[error("scopes are separated by single spaces, at most 256 of them")]
    Scopes,
    /// Not a key id.
    #[error("a key id is 1 to 128 visible ASCII characters")]
    KeyId,
    /// Not an algorithm.
    #[error(
        "use one of the algorithms ES256, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512, EdDSA, HS256, HS384, HS512"
    )]
    Algorithm,
    /// Not a profile of access tokens.
    #[error("use one of the profiles rfc9068, auth0, cognito, openid")]
    Profile,
}

impl InvalidName {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Issuer => "invalid_issuer",
            Self::Audience => "invalid_audience",
            Self::Scope => "invalid_scope",
            Self::Scopes => "invalid_scopes",
            Self::KeyId => "invalid_key_id",
            Self::Algorithm => "invalid_algorithm",
            Self::Profile => "invalid_profile",
        }
    }
}

/// Longest issuer or audience, in bytes.
const MAX_NAME_BYTES: usize = 512;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 1 to 512 bytes without control characters; two names are the same if their bytes are.
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The name as it stands in the token.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            pub(crate) fn from_string(name: String) -> Result<Self, InvalidName> {
                let fits = (1..=MAX_NAME_BYTES).contains(&name.len());
                if fits && !name.chars().any(char::is_control) {
                    Ok(Self(name))
                } else {
                    Err(InvalidName::$name)
                }
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(name: &str) -> Result<Self, InvalidName> {
                Self::from_string(name.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::from_string(String::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }
    };
}

name! {
    /// Who issues tokens: the base URL of a Countersign instance, exactly as configured there.
    Issuer
}

name! {
    /// Whom a token is for: the name under which an API knows itself, most often its base URL.
    Audience
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_length_and_no_control_characters() {
        assert!("https://id.example.com".parse::<Issuer>().is_ok());
        assert!("a".repeat(512).parse::<Audience>().is_ok());
        for bad in [
            String::new(),
            "a".repeat(513),
            "a\nb".into(),
            "a\0".into(),
            "\u{85}".into(),
        ] {
            assert_eq!(bad.parse::<Issuer>(), Err(InvalidName::Issuer));
            assert_eq!(bad.parse::<Audience>(), Err(InvalidName::Audience));
            assert!(serde_json::from_value::<Issuer>(bad.into()).is_err());
        }
    }
}
