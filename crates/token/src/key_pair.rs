//! The private halves as AWS-LC holds them: parsed once, then used for every signature. The only file
//! that signs.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair, RsaSignatureEncoding,
};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::private_key::KeyError;
use crate::public_material::{Curve, PublicMaterial};

/// Fewest bytes of an HS256 secret (RFC 7518 §3.2).
pub(crate) const MIN_SECRET_BYTES: usize = 32;

/// A key that can sign.
pub(crate) enum KeyPair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair, &'static RsaSignatureEncoding),
    Hmac(Box<hmac::Key>),
}

/// Makes a key for `algorithm`; PKCS#8 version 1 in DER, or 32 random bytes for HS256.
pub(crate) fn generate(algorithm: Algorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if !Algorithm::SIGNING.contains(&algorithm) {
        return Err(KeyError::NotForSigning);
    }
    let bytes = random(algorithm).map_err(|_| KeyError::Generation)?;
    Ok(Zeroizing::new(bytes))
}

fn random(algorithm: Algorithm) -> Result<Vec<u8>, Unspecified> {
    let bytes = match algorithm {
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
            pair.to_pkcs8v1()?.as_ref().to_vec()
        }
        Algorithm::EdDsa => Ed25519KeyPair::generate()?.to_pkcs8v1()?.as_ref().to_vec(),
        Algorithm::Rs256 | Algorithm::Ps256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa3072)?;
            let der: Pkcs8V1Der<'_> = pair.as_der()?;
            der.as_ref().to_vec()
        }
        Algorithm::Hs256 => {
            let mut secret = vec![0; MIN_SECRET_BYTES];
            aws_lc_rs::rand::fill(&mut secret)?;
            secret
        }
        _ => return Err(Unspecified),
    };
    Ok(bytes)
}

impl KeyPair {
    /// Parses what [`generate`] made, or what came from elsewhere in the same form.
    pub(crate) fn parse(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let rsa = |encoding| match RsaKeyPair::from_pkcs8(bytes) {
            Ok(pair) => Ok(Self::Rsa(pair, encoding)),
            Err(_) => Err(KeyError::Malformed),
        };
        match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes)
                .map(Self::P256)
                .map_err(|_| KeyError::Malformed),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(bytes)
                .map(Self::Ed25519)
                .map_err(|_| KeyError::Malformed),
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
            Algorithm::Hs256 if bytes.len() < MIN_SECRET_BYTES => Err(KeyError::SecretTooShort),
            Algorithm::Hs256 => Ok(Self::Hmac(Box::new(hmac::Key::new(
                hmac::HMAC_SHA256,
                bytes,
            )))),
            _ => Err(KeyError::NotForSigning),
        }
    }

    /// The public half; `None` for a secret.
    pub(crate) fn public(&self) -> Option<PublicMaterial> {
        match self {
            Self::P256(pair) => {
                let (_, numbers) = pair.public_key().as_ref().split_first()?;
                let (x, y) = numbers.split_at_checked(32)?;
                Some(PublicMaterial::Ec {
                    curve: Curve::P256,
                    x: base64url::encode(x),
                    y: base64url::encode(y),
                })
            }
            Self::Ed25519(pair) => Some(PublicMaterial::Ed25519 {
                x: base64url::encode(pair.public_key()),
            }),
            Self::Rsa(pair, _) => {
                let numbers = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let (n, e) = (base64url::encode(numbers.n), base64url::encode(numbers.e));
                Some(PublicMaterial::Rsa { n, e })
            }
            Self::Hmac(_) => None,
        }
    }

    /// The JWS signature of `message` (RFC 7518 §3).
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let random = SystemRandom::new();
        match self {
            Self::P256(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
            Self::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature)?;
                Ok(signature)
            }
            Self::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
        }
    }
}
