//! The keys that a verifier trusts, parsed once and found by `kid`. Each is bound to exactly one
//! algorithm, so that the header of a token chooses a key but never how it is used (RFC 8725 §3.1).

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
use crate::private_key::{KeyError, PrivateKey};

/// A key, ready to verify.
pub(crate) struct VerifyingKey {
    pub(crate) algorithm: Algorithm,
    id: KeyId,
    origin: Origin,
    prepared: Prepared,
}

enum Prepared {
    Public(ParsedPublicKey),
    Secret(Box<hmac::Key>),
}

/// What tells whether two keys under one id are the same key.
#[derive(PartialEq)]
enum Origin {
    Public(Jwk),
    // The id of a secret is derived from it, so equal ids mean equal secrets.
    Secret,
}

impl VerifyingKey {
    /// Whether `signature` is that of `message` under this key and its algorithm.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.prepared {
            Prepared::Public(key) => key.verify_sig(message, signature).is_ok(),
            Prepared::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }

    pub(crate) fn id(&self) -> &KeyId {
        &self.id
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
        Self::from_private_key(&PrivateKey::hs256(secret)?)
    }

    /// Adds a public key. Errors: [`KeyError::DuplicateKeyId`] if another key has its id.
    pub fn add_jwk(&mut self, jwk: &Jwk) -> Result<(), KeyError> {
        let public = jwk.prepare().ok_or(KeyError::Malformed)?;
        self.add(VerifyingKey {
            algorithm: jwk.algorithm(),
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
            algorithm: key.algorithm(),
            id: key.key_id().clone(),
            origin: Origin::Secret,
            prepared: Prepared::Secret(secret),
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

    /// The ids and algorithms of the keys, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&KeyId, Algorithm)> {
        self.0.iter().map(|(id, key)| (id, key.algorithm))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.0.get(kid).map(Arc::as_ref)
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

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
