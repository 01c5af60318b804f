//! The public numbers of a key, checked and prepared for the cryptographic library (RFC 7518 §6,
//! RFC 8037 §2). The kind of key says which algorithms there can be; nothing else is ever prepared.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    EcdsaVerificationAlgorithm, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
};

use crate::algorithm::Algorithm;
use crate::base64url;

/// The public numbers of a key, in base64url as they are published.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PublicMaterial {
    Ec { curve: Curve, x: String, y: String },
    Ed25519 { x: String },
    Rsa { n: String, e: String },
}

/// A curve of ECDSA; each goes with one hash (RFC 7518 §3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The curve of this name in `crv`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521]
            .into_iter()
            .find(|curve| curve.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    const fn algorithm(self) -> Algorithm {
        match self {
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::P521 => Algorithm::Es512,
        }
    }

    /// Bytes of one coordinate (RFC 7518 §6.2.1.2).
    const fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    const fn parameters(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_FIXED,
            Self::P384 => &ECDSA_P384_SHA384_FIXED,
            Self::P521 => &ECDSA_P521_SHA512_FIXED,
        }
    }
}

impl PublicMaterial {
    /// The algorithms that a key of this kind can serve.
    pub(crate) fn algorithms(&self) -> Vec<Algorithm> {
        match self {
            Self::Ec { curve, .. } => vec![curve.algorithm()],
            Self::Ed25519 { .. } => vec![Algorithm::EdDsa],
            Self::Rsa { .. } => Algorithm::RSA.to_vec(),
        }
    }

    /// The key, parsed and ready to verify; `None` if the numbers are no key for `algorithm`.
    pub(crate) fn prepare(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        match self {
            Self::Ec { curve, x, y } if curve.algorithm() == algorithm => {
                let (x, y) = (base64url::decode(x)?, base64url::decode(y)?);
                let length = curve.coordinate_bytes();
                if x.len() != length || y.len() != length {
                    return None;
                }
                let point = [&[4], x.as_slice(), &y].concat();
                ParsedPublicKey::new(curve.parameters(), point).ok()
            }
            Self::Ed25519 { x } if algorithm == Algorithm::EdDsa => {
                let x = base64url::decode(x).filter(|x| x.len() == 32)?;
                ParsedPublicKey::new(&ED25519, x).ok()
            }
            Self::Rsa { n, e } => {
                let parameters = rsa_parameters(algorithm)?;
                let (n, e) = (base64url::decode(n)?, base64url::decode(e)?);
                // AWS-LC looks at the size at the first signature only; a weak key shall not get there.
                let strong = (256..=1024).contains(&n.len()) && n.first()? & 0x80 != 0;
                let odd = n.last()? & e.last()? & 1 == 1;
                if !strong || !odd || e.len() > 4 || e == [1] {
                    return None;
                }
                PublicKeyComponents { n, e }
                    .to_parsed_public_key(parameters)
                    .ok()
            }
            _ => None,
        }
    }
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
