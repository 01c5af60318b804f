//! One public key as a JWK (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2), bound to exactly one signature
//! algorithm. A private member is never accepted, and never written.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256,
};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::key_id::KeyId;
use crate::thumbprint::thumbprint;

/// Members that hold a secret (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a JWK is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// The value is no JSON object, or a member has the wrong type.
    #[error("the JWK is malformed")]
    Malformed,
    /// A secret stands where a public key belongs; whoever published it must replace the key.
    #[error("the JWK holds a private member: replace this key, it is no longer secret")]
    Private,
    /// The numbers are no usable key: not on the curve, too short, too long, or badly encoded.
    #[error("the JWK is no valid public key, or one of fewer than 2048 RSA bits")]
    InvalidKey,
    /// `alg` contradicts `kty`.
    #[error("the algorithm of the JWK does not fit its key type")]
    AlgorithmMismatch,
    /// The key is for something else than a signature algorithm known here.
    #[error("the JWK is not for one of the signature algorithms ES256, RS256, PS256, EdDSA")]
    Unsupported,
}

impl JwkError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed_jwk",
            Self::Private => "private_jwk",
            Self::InvalidKey => "invalid_jwk",
            Self::AlgorithmMismatch => "jwk_algorithm_mismatch",
            Self::Unsupported => "unsupported_jwk",
        }
    }
}

/// The public numbers of a key, in base64url as they are published.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PublicMaterial {
    P256 { x: String, y: String },
    Ed25519 { x: String },
    Rsa { n: String, e: String },
}

impl PublicMaterial {
    /// The key, parsed and ready to verify; `None` if the numbers are no key for `algorithm`.
    pub(crate) fn prepare(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        match (self, algorithm) {
            (Self::P256 { x, y }, Algorithm::Es256) => {
                let (x, y) = (base64url::decode(x)?, base64url::decode(y)?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                let point = [&[4], x.as_slice(), &y].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()
            }
            (Self::Ed25519 { x }, Algorithm::EdDsa) => {
                let x = base64url::decode(x).filter(|x| x.len() == 32)?;
                ParsedPublicKey::new(&ED25519, x).ok()
            }
            (Self::Rsa { n, e }, Algorithm::Rs256 | Algorithm::Ps256) => {
                let (n, e) = (base64url::decode(n)?, base64url::decode(e)?);
                // AWS-LC looks at the size at the first signature only; a weak key shall not get there.
                let strong = (256..=1024).contains(&n.len()) && n.first()? & 0x80 != 0;
                let odd = n.last()? & e.last()? & 1 == 1;
                if !strong || !odd || e.len() > 4 || e == [1] {
                    return None;
                }
                let parameters = match algorithm {
                    Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
                    _ => &RSA_PSS_2048_8192_SHA256,
                };
                PublicKeyComponents { n, e }
                    .to_parsed_public_key(parameters)
                    .ok()
            }
            _ => None,
        }
    }
}

/// A public signature key with its name and its one algorithm.
///
/// Reads and writes as a JWK with `kty`, `kid`, `alg`, `use` and the public numbers. Reading checks
/// that the numbers are a key; a JWK without `kid` is named by its thumbprint (RFC 7638).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Jwk {
    kid: KeyId,
    algorithm: Algorithm,
    material: PublicMaterial,
}

impl Jwk {
    /// The name of the key.
    pub fn key_id(&self) -> &KeyId {
        &self.kid
    }

    /// The only algorithm that this key verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The RFC 7638 thumbprint with SHA-256, in base64url, whatever `kid` says.
    pub fn thumbprint(&self) -> KeyId {
        thumbprint(&self.material)
    }

    pub(crate) fn new(algorithm: Algorithm, material: PublicMaterial) -> Self {
        Self {
            kid: thumbprint(&material),
            algorithm,
            material,
        }
    }

    pub(crate) fn prepare(&self) -> Option<ParsedPublicKey> {
        self.material.prepare(self.algorithm)
    }

    /// Reads a JWK; [`JwkError::Unsupported`] tells a key that is merely for something else.
    pub(crate) fn from_value(value: &Value) -> Result<Self, JwkError> {
        let members = value.as_object().ok_or(JwkError::Malformed)?;
        if PRIVATE_MEMBERS
            .iter()
            .any(|name| members.contains_key(*name))
        {
            return Err(JwkError::Private);
        }
        if !is_for_signatures(members)? {
            return Err(JwkError::Unsupported);
        }
        let (material, algorithm) = material(members)?;
        if material.prepare(algorithm).is_none() {
            return Err(JwkError::InvalidKey);
        }
        let kid = match text(members, "kid")? {
            Some(kid) => kid.parse().map_err(|_| JwkError::Malformed)?,
            None => thumbprint(&material),
        };
        Ok(Self {
            kid,
            algorithm,
            material,
        })
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, JwkError> {
    members
        .get(name)
        .map(|value| value.as_str().ok_or(JwkError::Malformed))
        .transpose()
}

fn number(members: &Map<String, Value>, name: &str) -> Result<String, JwkError> {
    text(members, name)?
        .map(str::to_owned)
        .ok_or(JwkError::Malformed)
}

/// Looks at `use` and `key_ops` (RFC 7517 §4.2 and §4.3).
fn is_for_signatures(members: &Map<String, Value>) -> Result<bool, JwkError> {
    let use_fits = text(members, "use")?.is_none_or(|purpose| purpose == "sig");
    let operations_fit = match members.get("key_ops") {
        None => true,
        Some(Value::Array(operations)) => operations.iter().any(|operation| operation == "verify"),
        Some(_) => return Err(JwkError::Malformed),
    };
    Ok(use_fits && operations_fit)
}

/// The numbers and the one algorithm. An RSA key that names none could serve two, so it serves none.
fn material(members: &Map<String, Value>) -> Result<(PublicMaterial, Algorithm), JwkError> {
    let named = match text(members, "alg")? {
        None => None,
        Some(name) => Some(
            name.parse::<Algorithm>()
                .map_err(|_| JwkError::Unsupported)?,
        ),
    };
    let curve = text(members, "crv")?;
    let (material, fitting): (_, &[Algorithm]) = match (text(members, "kty")?, curve) {
        (None, _) => return Err(JwkError::Malformed),
        (Some("EC"), Some("P-256")) => {
            let (x, y) = (number(members, "x")?, number(members, "y")?);
            (PublicMaterial::P256 { x, y }, &[Algorithm::Es256])
        }
        (Some("OKP"), Some("Ed25519")) => (
            PublicMaterial::Ed25519 {
                x: number(members, "x")?,
            },
            &[Algorithm::EdDsa],
        ),
        (Some("RSA"), _) => {
            let (n, e) = (number(members, "n")?, number(members, "e")?);
            (
                PublicMaterial::Rsa { n, e },
                &[Algorithm::Rs256, Algorithm::Ps256],
            )
        }
        (Some(_), _) => return Err(JwkError::Unsupported),
    };
    match (named, fitting) {
        (Some(algorithm), _) if fitting.contains(&algorithm) => Ok((material, algorithm)),
        (Some(_), _) => Err(JwkError::AlgorithmMismatch),
        (None, [only]) => Ok((material, *only)),
        (None, _) => Err(JwkError::Unsupported),
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let key_type = match self.material {
            PublicMaterial::P256 { .. } => "EC",
            PublicMaterial::Ed25519 { .. } => "OKP",
            PublicMaterial::Rsa { .. } => "RSA",
        };
        map.serialize_entry("kty", key_type)?;
        map.serialize_entry("kid", &self.kid)?;
        map.serialize_entry("alg", &self.algorithm)?;
        map.serialize_entry("use", "sig")?;
        match &self.material {
            PublicMaterial::P256 { x, y } => {
                map.serialize_entry("crv", "P-256")?;
                map.serialize_entry("x", x)?;
                map.serialize_entry("y", y)?;
            }
            PublicMaterial::Ed25519 { x } => {
                map.serialize_entry("crv", "Ed25519")?;
                map.serialize_entry("x", x)?;
            }
            PublicMaterial::Rsa { n, e } => {
                map.serialize_entry("n", n)?;
                map.serialize_entry("e", e)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
