//! The signature algorithms that exist here, by their JOSE names (RFC 7518 §3.1, RFC 8037 §3.1,
//! RFC 9864 §2.2). Whatever has no variant, `none` among it, can't be asked for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::names::InvalidName;

/// A signature algorithm.
///
/// ```
/// use countersign_token::Algorithm;
///
/// assert_eq!("PS384".parse(), Ok(Algorithm::Ps384));
/// assert_eq!(Algorithm::EdDsa.to_string(), "EdDSA");
/// assert!("none".parse::<Algorithm>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
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
    /// ECDSA on P-384 with SHA-384: `ES384`. Verified only.
    Es384,
    /// ECDSA on P-521 with SHA-512: `ES512`. Verified only.
    Es512,
    /// RSASSA-PKCS1-v1_5 with SHA-384: `RS384`. Verified only.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512: `RS512`. Verified only.
    Rs512,
    /// RSASSA-PSS with SHA-384: `PS384`. Verified only.
    Ps384,
    /// RSASSA-PSS with SHA-512: `PS512`. Verified only.
    Ps512,
    /// HMAC with SHA-384 under a shared secret: `HS384`. Verified only.
    Hs384,
    /// HMAC with SHA-512 under a shared secret: `HS512`. Verified only.
    Hs512,
}

impl Algorithm {
    /// Every algorithm that is verified here, for tables and help texts.
    pub const ALL: [Self; 13] = [
        Self::Es256,
        Self::Rs256,
        Self::Ps256,
        Self::EdDsa,
        Self::Hs256,
        Self::Es384,
        Self::Es512,
        Self::Rs384,
        Self::Rs512,
        Self::Ps384,
        Self::Ps512,
        Self::Hs384,
        Self::Hs512,
    ];

    /// Those that [`crate::PrivateKey`] signs with, the first of [`Algorithm::ALL`]. The others are
    /// for the tokens of other issuers.
    pub const SIGNING: [Self; 5] = [
        Self::Es256,
        Self::Rs256,
        Self::Ps256,
        Self::EdDsa,
        Self::Hs256,
    ];

    /// What an RSA key can be used for.
    pub(crate) const RSA: [Self; 6] = [
        Self::Rs256,
        Self::Ps256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps384,
        Self::Ps512,
    ];

    /// The JOSE name, as it stands in `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// Whether signer and verifier share one secret, so that nothing may be published.
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::Hs256 | Self::Hs384 | Self::Hs512)
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
        if name == "Ed25519" {
            return Ok(Self::EdDsa);
        }
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str() == name)
            .ok_or(InvalidName::Algorithm)
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
        assert!(Algorithm::ALL.starts_with(&Algorithm::SIGNING));
    }

    #[test]
    fn none_and_other_spellings_are_no_algorithms() {
        for name in [
            "none", "None", "NONE", "nOnE", "", "es256", "ES256 ", "ES256K", "RS1", "HS1", "Ed448",
        ] {
            assert_eq!(
                name.parse::<Algorithm>(),
                Err(InvalidName::Algorithm),
                "{name:?}"
            );
        }
    }
}
