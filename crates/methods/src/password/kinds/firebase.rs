//! Firebase Authentication's modified scrypt.
//!
//! scrypt over `salt ‖ separator` gives a key, under which AES-256 in counter mode from zero
//! encrypts the project's signer key; the result is the hash. Firebase exports hash and salt for
//! each user, and signer key, separator, rounds and memory cost once for the project. Here each
//! hash carries all of them:
//!
//! `$firebase-scrypt$mem_cost=<n>,rounds=<n>$<salt>$<salt separator>$<signer key>$<hash>`, the last
//! four in base64 as Firebase exports them (standard alphabet, padded or not).
//!
//! Source: the reference implementation at <https://github.com/firebase/scrypt>.

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::fields::{base64, parameter};
use super::scrypt::ScryptCost;
use super::{Limits, Unreadable};

pub(in super::super) struct FirebaseHash {
    cost: ScryptCost,
    salt: Vec<u8>,
    signer_key: Vec<u8>,
    hash: Vec<u8>,
}

impl FirebaseHash {
    pub(super) fn parse(fields: &[&str], limits: &Limits) -> Result<Self, Unreadable> {
        const KIND: &str = "firebase-scrypt";
        let part = |part| Unreadable::Part { kind: KIND, part };
        let [parameters, salt, separator, signer_key, hash] = fields else {
            return Err(part("parameters, salt, salt separator, signer key or hash"));
        };
        let (mem_cost, rounds) = parameters
            .split_once(',')
            .ok_or_else(|| part("parameters"))?;
        let mem_cost = parameter(mem_cost, "mem_cost").ok_or_else(|| part("mem_cost"))?;
        let rounds = parameter(rounds, "rounds").ok_or_else(|| part("rounds"))?;
        let mut salt = base64(salt, 1..=128).ok_or_else(|| part("salt"))?;
        salt.extend(base64(separator, 0..=32).ok_or_else(|| part("salt separator"))?);
        let signer_key = base64(signer_key, 32..=128).ok_or_else(|| part("signer key"))?;
        let hash = base64(hash, signer_key.len()..=signer_key.len());
        Ok(Self {
            cost: ScryptCost::new(KIND, mem_cost, rounds, 1, limits)?,
            salt,
            signer_key,
            hash: hash.ok_or_else(|| part("hash"))?,
        })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new([0; 32]);
        if !self.cost.derive(password, &self.salt, key.as_mut()) {
            return false;
        }
        let mut computed = Zeroizing::new(self.signer_key.clone());
        let counter = EncryptionContext::Iv128(FixedLength::from([0; 16]));
        // A new key for each password and salt: the fixed counter never meets a key twice.
        let encrypted = UnboundCipherKey::new(&AES_256, key.as_ref())
            .and_then(EncryptingKey::ctr)
            .and_then(|cipher| cipher.less_safe_encrypt(&mut computed, counter));
        encrypted.is_ok() && computed.ct_eq(&self.hash).into()
    }
}
