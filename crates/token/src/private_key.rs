//! A private key on its way between the generator, the sealed store and the signer. It can't be
//! printed, and its bytes are wiped when it goes.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::jwk::Jwk;
use crate::key_id::KeyId;
use crate::key_pair::{self, KeyPair};

/// What the id of an HS256 secret is the HMAC of.
const SECRET_ID_LABEL: &[u8] = b"countersign key id";
/// How much of that HMAC is the id, in bytes.
const SECRET_ID_BYTES: usize = 16;

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The bytes are no PKCS#8 private key for the algorithm.
    #[error("the key is not an unencrypted PKCS#8 key for this algorithm")]
    Malformed,
    /// An RSA key below 2048 bits or with an unusable exponent.
    #[error("the key is too weak or too large: use RSA of 2048 to 8192 bits")]
    Weak,
    /// A secret shorter than the hash: 32 bytes for HS256, 48 for HS384, 64 for HS512 (RFC 7518 §3.2).
    #[error(
        "a secret has at least 32 bytes for HS256, 48 for HS384 and 64 for HS512: make one with `openssl rand -base64 48`"
    )]
    SecretTooShort,
    /// The algorithm is one for tokens of other issuers.
    #[error("this algorithm is only verified here: sign with ES256, RS256, PS256, EdDSA or HS256")]
    NotForSigning,
    /// A shared secret was given for an algorithm that has a public key.
    #[error("a shared secret is for HS256, HS384 or HS512 only")]
    NotASecret,
    /// Two different keys under one id.
    #[error("two keys share one key id")]
    DuplicateKeyId,
    /// The system gave no key, most likely for want of randomness.
    #[error("a key could not be generated")]
    Generation,
}

impl KeyError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed_key",
            Self::Weak => "weak_key",
            Self::SecretTooShort => "secret_too_short",
            Self::NotForSigning => "not_for_signing",
            Self::NotASecret => "not_a_secret",
            Self::DuplicateKeyId => "duplicate_key_id",
            Self::Generation => "key_generation_failed",
        }
    }
}

/// A key that signs, bound to one algorithm.
#[derive(Clone)]
pub struct PrivateKey {
    algorithm: Algorithm,
    bytes: Zeroizing<Vec<u8>>,
    id: KeyId,
    public: Option<Jwk>,
}

impl PrivateKey {
    /// A fresh key: P-256, RSA with 3072 bits, Ed25519, or 32 random bytes for HS256.
    ///
    /// RSA takes some tenths of a second. Errors: [`KeyError::Generation`], [`KeyError::NotForSigning`].
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let bytes = key_pair::generate(algorithm)?;
        Self::from_zeroizing(algorithm, bytes)
    }

    /// An HS256 secret of at least 32 bytes, best drawn at random. Errors: [`KeyError::SecretTooShort`].
    pub fn hs256(secret: &[u8]) -> Result<Self, KeyError> {
        Self::from_zeroizing(Algorithm::Hs256, Zeroizing::new(secret.to_vec()))
    }

    /// A key as [`PrivateKey::to_bytes`] gives it: PKCS#8 in DER (RFC 5958), or the raw HS256 secret.
    ///
    /// Errors: [`KeyError::Malformed`], [`KeyError::Weak`], [`KeyError::SecretTooShort`],
    /// [`KeyError::NotForSigning`].
    pub fn from_bytes(algorithm: Algorithm, bytes: Vec<u8>) -> Result<Self, KeyError> {
        Self::from_zeroizing(algorithm, Zeroizing::new(bytes))
    }

    fn from_zeroizing(algorithm: Algorithm, bytes: Zeroizing<Vec<u8>>) -> Result<Self, KeyError> {
        let pair = KeyPair::parse(algorithm, &bytes)?;
        let (id, public) = match pair.public() {
            None => (secret_id(&bytes), None),
            Some(material) if material.prepare(algorithm).is_none() => return Err(KeyError::Weak),
            Some(material) => {
                let jwk = Jwk::new(algorithm, material);
                (jwk.key_id().clone(), Some(jwk))
            }
        };
        Ok(Self {
            algorithm,
            bytes,
            id,
            public,
        })
    }

    /// The key for sealing and storing: PKCS#8 in DER, or the raw secret. Wiped when dropped.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        self.bytes.clone()
    }

    /// The algorithm that the key is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid`: the RFC 7638 thumbprint of the public half.
    ///
    /// An HS256 secret has no public half. Its id is the first 16 bytes of HMAC-SHA-256 under the secret
    /// over a fixed label: the same for every holder of the secret, different for another secret, and
    /// no more telling about it than any token that it signs.
    pub fn key_id(&self) -> &KeyId {
        &self.id
    }

    /// The public half with `kid`, `alg` and `use`; `None` for HS256, which must not be published.
    pub fn public_jwk(&self) -> Option<Jwk> {
        self.public.clone()
    }

    pub(crate) fn key_pair(&self) -> Result<KeyPair, KeyError> {
        KeyPair::parse(self.algorithm, &self.bytes)
    }
}

pub(crate) fn secret_id(secret: &[u8]) -> KeyId {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), SECRET_ID_LABEL);
    let id = tag.as_ref().get(..SECRET_ID_BYTES).unwrap_or_default();
    KeyId::computed(base64url::encode(id))
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.id)
            .finish_non_exhaustive()
    }
}
