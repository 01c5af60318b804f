//! One public key as a JWK (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2), bound to the signature algorithm
//! that it names, or to those of its kind. A private member is never accepted, and never written.

use aws_lc_rs::signature::ParsedPublicKey;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::key_id::KeyId;
use crate::public_material::{Curve, PublicMaterial};
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
    #[error("the JWK is not for a signature algorithm that is verified here")]
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

/// A public signature key with its name and its algorithm.
///
/// Reads and writes as a JWK with `kty`, `kid`, `alg`, `use` and the public numbers. Reading checks
/// that the numbers are a key; a JWK without `kid` is named by its thumbprint (RFC 7638).
///
/// ```
/// use countersign_token::{Algorithm, Jwk};
///
/// let jwk: Jwk = serde_json::from_str(r#"{"kty":"OKP","crv":"Ed25519","kid":"a",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
/// assert_eq!(jwk.algorithm(), Some(Algorithm::EdDsa));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Jwk {
    kid: KeyId,
    /// `None`: an RSA key whose JWK names no algorithm.
    algorithm: Option<Algorithm>,
    material: PublicMaterial,
}

impl Jwk {
    /// The name of the key.
    pub fn key_id(&self) -> &KeyId {
        &self.kid
    }

    /// The only algorithm that this key verifies. `None` for an RSA key whose JWK names none: it
    /// serves `RS*` and `PS*`, as far as the verifier expects them.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// The RFC 7638 thumbprint with SHA-256, in base64url, whatever `kid` says.
    pub fn thumbprint(&self) -> KeyId {
        thumbprint(&self.material)
    }

    pub(crate) fn new(algorithm: Algorithm, material: PublicMaterial) -> Self {
        Self {
            kid: thumbprint(&material),
            algorithm: Some(algorithm),
            material,
        }
    }

    /// The key, ready to verify, for each of its algorithms; `None` if its numbers are no key.
    pub(crate) fn prepare(&self) -> Option<Vec<(Algorithm, ParsedPublicKey)>> {
        let algorithms = match self.algorithm {
            Some(only) => vec![only],
            None => self.material.algorithms(),
        };
        let prepared = |algorithm| Some((algorithm, self.material.prepare(algorithm)?));
        algorithms.into_iter().map(prepared).collect()
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
        let kid = match text(members, "kid")? {
            Some(kid) => kid.parse().map_err(|_| JwkError::Malformed)?,
            None => thumbprint(&material),
        };
        let jwk = Self {
            kid,
            algorithm,
            material,
        };
        if jwk.prepare().is_none() {
            return Err(JwkError::InvalidKey);
        }
        Ok(jwk)
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

/// The numbers, and the one algorithm unless it is an RSA key that names none (RFC 7517 §4.4).
fn material(members: &Map<String, Value>) -> Result<(PublicMaterial, Option<Algorithm>), JwkError> {
    let named = match text(members, "alg")? {
        None => None,
        Some(name) => Some(
            name.parse::<Algorithm>()
                .map_err(|_| JwkError::Unsupported)?,
        ),
    };
    let material = match (text(members, "kty")?, text(members, "crv")?) {
        (None, _) => return Err(JwkError::Malformed),
        (Some("EC"), Some(curve)) => PublicMaterial::Ec {
            curve: Curve::named(curve).ok_or(JwkError::Unsupported)?,
            x: number(members, "x")?,
            y: number(members, "y")?,
        },
        (Some("OKP"), Some("Ed25519")) => PublicMaterial::Ed25519 {
            x: number(members, "x")?,
        },
        (Some("RSA"), _) => PublicMaterial::Rsa {
            n: number(members, "n")?,
            e: number(members, "e")?,
        },
        (Some(_), _) => return Err(JwkError::Unsupported),
    };
    let fitting = material.algorithms();
    match (named, fitting.as_slice()) {
        (Some(algorithm), fitting) if !fitting.contains(&algorithm) => {
            Err(JwkError::AlgorithmMismatch)
        }
        (None, [only]) => Ok((material, Some(*only))),
        (named, _) => Ok((material, named)),
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let key_type = match self.material {
            PublicMaterial::Ec { .. } => "EC",
            PublicMaterial::Ed25519 { .. } => "OKP",
            PublicMaterial::Rsa { .. } => "RSA",
        };
        map.serialize_entry("kty", key_type)?;
        map.serialize_entry("kid", &self.kid)?;
        if let Some(algorithm) = self.algorithm {
            map.serialize_entry("alg", &algorithm)?;
        }
        map.serialize_entry("use", "sig")?;
        match &self.material {
            PublicMaterial::Ec { curve, x, y } => {
                map.serialize_entry("crv", curve.name())?;
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
