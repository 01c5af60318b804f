//! The signature algorithms that exist here, by their JOSE names (RFC 7518 §3.1, RFC 8037 §3.1,
//! RFC 9864 §2.2). Whatever has no variant, `none` among it, can't be asked for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::names::InvalidName;

/// A signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256: `ES256`. The default of Countersign.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256: `RS256`.
    Rs256,
    /// RSASSA-PSS with SHA-256: `PS256`.
    Ps256,
    /// Ed25519, under its name of RFC 8037: `EdDSA`. `Ed25519` (RFC 9864) is understood too.
    EdDsa,
    /// HMAC with SHA-256 under a shared secret: `HS256`. Whoever can verify can also sign.
    Hs256,
}

impl Algorithm {
    /// Every algorithm, for tables and help texts.
    pub const ALL: [Self; 5] = [
        Self::Es256,
        Self::Rs256,
        Self::Ps256,
        Self::EdDsa,
        Self::Hs256,
    ];

    /// The JOSE name, as it stands in `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    /// Whether signer and verifier share one secret, so that nothing may be published.
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = InvalidName;

    /// Reads a JOSE name, exactly as written there: names are case-sensitive (RFC 7515 §4.1.1).
    fn from_str(name: &str) -> Result<Self, InvalidName> {
        match name {
            "ES256" => Ok(Self::Es256),
            "RS256" => Ok(Self::Rs256),
            "PS256" => Ok(Self::Ps256),
            "EdDSA" | "Ed25519" => Ok(Self::EdDsa),
            "HS256" => Ok(Self::Hs256),
            _ => Err(InvalidName::Algorithm),
        }
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Algorithm {
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
    fn names_are_read_and_written_as_in_the_registry() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
        }
        assert_eq!("Ed25519".parse(), Ok(Algorithm::EdDsa));
    }

    #[test]
    fn none_and_other_spellings_are_no_algorithms() {
        for name in [
            "none", "None", "NONE", "nOnE", "", "es256", "ES256 ", "HS512", "Ed448",
        ] {
            assert_eq!(
                name.parse::<Algorithm>(),
                Err(InvalidName::Algorithm),
                "{name:?}"
            );
        }
    }
}
