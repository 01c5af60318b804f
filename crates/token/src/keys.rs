//! The keys that a verifier trusts, parsed once and found by `kid`. Each is bound to its algorithm, or
//! to those of its kind, so that the header of a token chooses a key but never how it is used
//! (RFC 8725 §3.1): no public key is ever taken for a secret.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::ParsedPublicKey;

use crate::algorithm::Algorithm;
use crate::jwk::Jwk;
use crate::jwk_set::JwkSet;
use crate::key_id::KeyId;
use crate::key_pair::KeyPair;
use crate::private_key::{KeyError, PrivateKey, secret_id};
use crate::rejection::Rejection;

/// A key, ready to verify.
pub(crate) struct VerifyingKey {
    id: KeyId,
    origin: Origin,
    prepared: Prepared,
}

enum Prepared {
    /// One for each algorithm that the key serves: one, unless it is an RSA key that names none.
    Public(Vec<(Algorithm, ParsedPublicKey)>),
    Secret(Algorithm, Box<hmac::Key>),
}

/// What tells whether two keys under one id are the same key.
#[derive(PartialEq)]
enum Origin {
    Public(Jwk),
    // The thumbprint of a secret is derived from it, so equal ones mean equal secrets.
    Secret(Algorithm, KeyId),
}

impl VerifyingKey {
    fn of_secret(id: KeyId, algorithm: Algorithm, hash: hmac::Algorithm, secret: &[u8]) -> Self {
        Self {
            id,
            origin: Origin::Secret(algorithm, secret_id(secret)),
            prepared: Prepared::Secret(algorithm, Box::new(hmac::Key::new(hash, secret))),
        }
    }

    /// Whether `signature` is that of `message` under this key and `algorithm`.
    ///
    /// Errors: [`Rejection::AlgorithmMismatch`], [`Rejection::BadSignature`].
    pub(crate) fn check(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Rejection> {
        let verified = match &self.prepared {
            Prepared::Public(keys) => {
                let key = keys.iter().find(|(served, _)| *served == algorithm);
                let (_, key) = key.ok_or(Rejection::AlgorithmMismatch)?;
                key.verify_sig(message, signature)
            }
            Prepared::Secret(served, key) if *served == algorithm => {
                hmac::verify(key, message, signature)
            }
            Prepared::Secret(..) => return Err(Rejection::AlgorithmMismatch),
        };
        verified.map_err(|_| Rejection::BadSignature)
    }

    pub(crate) fn id(&self) -> &KeyId {
        &self.id
    }

    fn algorithms(&self) -> Vec<Algorithm> {
        match &self.prepared {
            Prepared::Public(keys) => keys.iter().map(|(algorithm, _)| *algorithm).collect(),
            Prepared::Secret(algorithm, _) => vec![*algorithm],
        }
    }

    fn serves(&self, algorithm: Algorithm) -> bool {
        match &self.prepared {
            Prepared::Public(keys) => keys.iter().any(|(served, _)| *served == algorithm),
            Prepared::Secret(served, _) => *served == algorithm,
        }
    }
}

/// Prepared verification keys. Cheap to clone.
#[derive(Clone, Default)]
pub struct Keys(HashMap<KeyId, Arc<VerifyingKey>>);

impl Keys {
    /// No keys: nothing verifies.
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys of an issuer. Errors: [`KeyError::Malformed`], if AWS-LC refuses a key.
    pub fn from_jwk_set(set: &JwkSet) -> Result<Self, KeyError> {
        let mut keys = Self::new();
        for jwk in set {
            keys.add_jwk(jwk)?;
        }
        Ok(keys)
    }

    /// The one key that verifies what `key` signs. Errors: [`KeyError::Malformed`].
    pub fn from_private_key(key: &PrivateKey) -> Result<Self, KeyError> {
        let mut keys = Self::new();
        keys.add_private_key(key)?;
        Ok(keys)
    }

    /// A shared secret of at least 32 bytes, named like [`PrivateKey::key_id`]. Whoever has it can also
    /// sign: give every API a public key instead where you can. Errors: [`KeyError::SecretTooShort`].
    pub fn from_hs256_secret(secret: &[u8]) -> Result<Self, KeyError> {
        Self::from_shared_secret(Algorithm::Hs256, secret)
    }

    /// A shared secret for HS256, HS384 or HS512, of at least 32, 48 or 64 bytes (RFC 7518 §3.2).
    ///
    /// Errors: [`KeyError::SecretTooShort`], [`KeyError::NotASecret`].
    ///
    /// ```
    /// use countersign_token::{Algorithm, KeyError, Keys};
    ///
    /// assert!(Keys::from_shared_secret(Algorithm::Hs512, &[7; 64]).is_ok());
    /// let short = Keys::from_shared_secret(Algorithm::Hs256, b"shhhhh");
    /// assert_eq!(short.unwrap_err(), KeyError::SecretTooShort);
    /// ```
    pub fn from_shared_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let mut keys = Self::new();
        keys.add_shared_secret(secret_id(secret), algorithm, secret)?;
        Ok(keys)
    }

    /// A shared secret that is shorter than it must be, for as long as it takes to replace it: one
    /// token is enough to guess such a secret by trying, offline. `reason` is there to be read where
    /// the call stands. An empty secret is refused all the same.
    ///
    /// Errors: [`KeyError::SecretTooShort`], [`KeyError::NotASecret`].
    pub fn dangerous_from_short_secret(
        algorithm: Algorithm,
        secret: &[u8],
        reason: &'static str,
    ) -> Result<Self, KeyError> {
        debug_assert!(!reason.is_empty(), "say why a short secret must do");
        let (hash, _) = hash_of(algorithm).ok_or(KeyError::NotASecret)?;
        if secret.is_empty() {
            return Err(KeyError::SecretTooShort);
        }
        let mut keys = Self::new();
        let id = secret_id(secret);
        keys.add(VerifyingKey::of_secret(id, algorithm, hash, secret))?;
        Ok(keys)
    }

    /// Adds a shared secret like that of [`Keys::from_shared_secret`], for an issuer that names it in
    /// `kid`. Errors: as there, and [`KeyError::DuplicateKeyId`] if another key has the id.
    pub fn add_shared_secret(
        &mut self,
        kid: KeyId,
        algorithm: Algorithm,
        secret: &[u8],
    ) -> Result<(), KeyError> {
        let (hash, least) = hash_of(algorithm).ok_or(KeyError::NotASecret)?;
        if secret.len() < least {
            return Err(KeyError::SecretTooShort);
        }
        self.add(VerifyingKey::of_secret(kid, algorithm, hash, secret))
    }

    /// Adds a public key. Errors: [`KeyError::DuplicateKeyId`] if another key has its id.
    pub fn add_jwk(&mut self, jwk: &Jwk) -> Result<(), KeyError> {
        let public = jwk.prepare().ok_or(KeyError::Malformed)?;
        self.add(VerifyingKey {
            id: jwk.key_id().clone(),
            origin: Origin::Public(jwk.clone()),
            prepared: Prepared::Public(public),
        })
    }

    /// Adds the verifying half of a key. Errors: [`KeyError::DuplicateKeyId`] if another key has its id.
    pub fn add_private_key(&mut self, key: &PrivateKey) -> Result<(), KeyError> {
        if let Some(jwk) = key.public_jwk() {
            return self.add_jwk(&jwk);
        }
        let KeyPair::Hmac(secret) = key.key_pair()? else {
            return Err(KeyError::Malformed);
        };
        self.add(VerifyingKey {
            id: key.key_id().clone(),
            origin: Origin::Secret(key.algorithm(), key.key_id().clone()),
            prepared: Prepared::Secret(key.algorithm(), secret),
        })
    }

    /// Adds all keys of `other`. Errors: [`KeyError::DuplicateKeyId`]; the keys before it stay added.
    pub fn add_all(&mut self, other: &Self) -> Result<(), KeyError> {
        other
            .0
            .values()
            .try_for_each(|key| self.add_shared(Arc::clone(key)))
    }

    /// Whether there is a key of this id.
    pub fn contains(&self, kid: &str) -> bool {
        self.0.contains_key(kid)
    }

    /// The ids of the keys and the algorithms that each serves, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&KeyId, Vec<Algorithm>)> {
        self.0.iter().map(|(id, key)| (id, key.algorithms()))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of this id; without an id, the only key that serves `algorithm`.
    ///
    /// Errors: [`Rejection::UnknownKey`]; [`Rejection::MissingKeyId`] if several keys could be meant.
    pub(crate) fn find(
        &self,
        kid: Option<&KeyId>,
        algorithm: Algorithm,
    ) -> Result<&VerifyingKey, Rejection> {
        let Some(kid) = kid else {
            let mut fitting = self.0.values().filter(|key| key.serves(algorithm));
            return match (fitting.next(), fitting.next()) {
                (Some(only), None) => Ok(only),
                (None, _) => Err(Rejection::UnknownKey),
                (Some(_), Some(_)) => Err(Rejection::MissingKeyId),
            };
        };
        let key = self.0.get(kid.as_str());
        key.map(Arc::as_ref).ok_or(Rejection::UnknownKey)
    }

    fn add(&mut self, key: VerifyingKey) -> Result<(), KeyError> {
        self.add_shared(Arc::new(key))
    }

    fn add_shared(&mut self, key: Arc<VerifyingKey>) -> Result<(), KeyError> {
        match self.0.entry(key.id.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(key);
                Ok(())
            }
            Entry::Occupied(entry) if entry.get().origin == key.origin => Ok(()),
            Entry::Occupied(_) => Err(KeyError::DuplicateKeyId),
        }
    }
}

/// The hash of an HMAC, and the fewest bytes of its secret (RFC 7518 §3.2).
fn hash_of(algorithm: Algorithm) -> Option<(hmac::Algorithm, usize)> {
    match algorithm {
        Algorithm::Hs256 => Some((hmac::HMAC_SHA256, 32)),
        Algorithm::Hs384 => Some((hmac::HMAC_SHA384, 48)),
        Algorithm::Hs512 => Some((hmac::HMAC_SHA512, 64)),
        _ => None,
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
