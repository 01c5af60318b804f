//! A master key that this process holds. Envelope encryption with AES-256-GCM: each secret gets a
//! fresh data key, and the master key wraps that. So the master key only ever encrypts 32 random
//! bytes at a time, and a key management service can take its place behind the same port.
//!
//! Sealed form, version 1: `1 ‖ master key id (8) ‖ nonce (12) ‖ wrapped data key (48) ‖ nonce (12)
//! ‖ secret and tag`. The header and the context are bound to both by authentication.

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use countersign_app::ports::{MasterKey, MasterKeyError};
use secrecy::{ExposeSecret as _, SecretBox};
use zeroize::Zeroizing;

use super::hex::hex;

const VERSION: u8 = 1;
const ID_LEN: usize = 8;
const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;
const ID_LABEL: &[u8] = b"countersign master key id";

/// A master key that this process holds.
pub struct LocalMasterKey {
    key: RandomizedNonceKey,
    id: [u8; ID_LEN],
    random: SystemRandom,
}

impl LocalMasterKey {
    /// Takes the 32 bytes of the key.
    pub fn new(key: &SecretBox<[u8; KEY_LEN]>) -> Result<Self, MasterKeyError> {
        let bytes = key.expose_secret();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, bytes), ID_LABEL);
        let id = tag.as_ref().first_chunk().copied().ok_or_else(unusable)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes).map_err(|_| unusable())?;
        Ok(Self {
            key,
            id,
            random: SystemRandom::new(),
        })
    }

    /// Says which master key this is, without saying anything about it: in hexadecimal digits.
    pub fn id(&self) -> String {
        hex(&self.id)
    }

    /// What both encryptions are bound to.
    fn bound_to(&self, context: &str) -> Vec<u8> {
        [&[VERSION], self.id.as_slice(), context.as_bytes()].concat()
    }

    fn seal_now(&self, secret: &[u8], context: &str) -> Result<Vec<u8>, Unspecified> {
        let aad = self.bound_to(context);
        let mut data_key = Zeroizing::new([0; KEY_LEN]);
        self.random.fill(data_key.as_mut_slice())?;
        let (nonce, wrapped) = encrypt(&self.key, &aad, data_key.as_slice())?;
        let inner = RandomizedNonceKey::new(&AES_256_GCM, data_key.as_slice())?;
        let (inner_nonce, ciphertext) = encrypt(&inner, &aad, secret)?;
        let header: &[&[u8]] = &[&[VERSION], &self.id, &nonce, &wrapped];
        Ok([header.concat().as_slice(), &inner_nonce, &ciphertext].concat())
    }

    fn open_now(&self, sealed: &[u8], context: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (&version, rest) = sealed.split_first()?;
        let (id, rest) = rest.split_first_chunk::<ID_LEN>()?;
        if version != VERSION || *id != self.id {
            return None;
        }
        let aad = self.bound_to(context);
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>()?;
        let (wrapped, rest) = rest.split_at_checked(KEY_LEN + TAG_LEN)?;
        let data_key = decrypt(&self.key, *nonce, &aad, wrapped)?;
        let inner = RandomizedNonceKey::new(&AES_256_GCM, &data_key).ok()?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>()?;
        decrypt(&inner, *nonce, &aad, ciphertext)
    }
}

#[async_trait]
impl MasterKey for LocalMasterKey {
    async fn seal(&self, secret: &[u8], context: &str) -> Result<Vec<u8>, MasterKeyError> {
        self.seal_now(secret, context).map_err(|_| unusable())
    }

    async fn open(
        &self,
        sealed: &[u8],
        context: &str,
    ) -> Result<Zeroizing<Vec<u8>>, MasterKeyError> {
        self.open_now(sealed, context)
            .ok_or(MasterKeyError::CannotOpen)
    }
}

fn unusable() -> MasterKeyError {
    MasterKeyError::Unavailable("the cryptographic library refused it".to_owned())
}

fn encrypt(
    key: &RandomizedNonceKey,
    aad: &[u8],
    plain: &[u8],
) -> Result<([u8; NONCE_LEN], Vec<u8>), Unspecified> {
    let mut buffer = Vec::with_capacity(plain.len() + TAG_LEN);
    buffer.extend_from_slice(plain);
    let nonce = key.seal_in_place_append_tag(Aad::from(aad), &mut buffer)?;
    Ok((*nonce.as_ref(), buffer))
}

fn decrypt(
    key: &RandomizedNonceKey,
    nonce: [u8; NONCE_LEN],
    aad: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let nonce = Nonce::assume_unique_for_key(nonce);
    let length = key
        .open_in_place(nonce, Aad::from(aad), &mut buffer)
        .ok()?
        .len();
    buffer.truncate(length);
    Some(buffer)
}
