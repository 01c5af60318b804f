//! Argon2id, our own kind, and Argon2i/d/id with other parameters (RFC 9106).
//!
//! `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>[,keyid=<base64 of the pepper's id>]$<salt>$<hash>`,
//! the PHC string format. `v=16` and a missing version mean Argon2 1.0. Associated data (`data=`)
//! is not taken.

use std::str;

use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::fields::{base64, parameter, to_base64, value};
use super::{Limits, Unreadable};
use crate::password::memory::Memory;
use crate::password::peppers::{Pepper, Peppers};

/// Bytes of salt in a new hash (RFC 9106 §3.1).
pub(in super::super) const SALT_BYTES: usize = 16;
/// Bytes of output in a new hash.
pub(in super::super) const HASH_BYTES: usize = 32;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Argon2Cost {
    pub(in super::super) memory_kib: u32,
    pub(in super::super) passes: u32,
    pub(in super::super) lanes: u32,
}

impl Argon2Cost {
    pub(super) fn memory_bytes(self) -> u64 {
        u64::from(self.memory_kib) << 10
    }

    /// How many blocks a thread keeps for such hashes.
    pub(in super::super) fn blocks(self) -> usize {
        usize::try_from(self.memory_kib).unwrap_or(usize::MAX)
    }
}

/// Which Argon2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Variant {
    Argon2d,
    Argon2i,
    Argon2id,
}

/// A parsed hash.
pub(in super::super) struct Argon2Hash {
    variant: Variant,
    version: Version,
    cost: Argon2Cost,
    pepper_id: Option<String>,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

const KIND: &str = "argon2";

fn part(part: &'static str) -> Unreadable {
    Unreadable::Part { kind: KIND, part }
}

impl Argon2Hash {
    pub(super) fn parse(
        variant: Variant,
        fields: &[&str],
        limits: &Limits,
    ) -> Result<Self, Unreadable> {
        let (version, parameters, salt, hash) = match fields {
            ["v=19", parameters, salt, hash] => (Version::V0x13, parameters, salt, hash),
            ["v=16", parameters, salt, hash] | [parameters, salt, hash] => {
                (Version::V0x10, parameters, salt, hash)
            }
            _ => return Err(part("version, parameters, salt or hash")),
        };
        let parameters: Vec<&str> = parameters.splitn(5, ',').collect();
        let (m, t, p, pepper_id) = match parameters.as_slice() {
            [m, t, p] => (m, t, p, None),
            [m, t, p, keyid] => {
                let id = value(keyid, "keyid").and_then(|id| base64(id, 1..=8));
                let id = id.and_then(|id| String::from_utf8(id).ok());
                (m, t, p, Some(id.ok_or_else(|| part("keyid"))?))
            }
            _ => return Err(part("m, t or p")),
        };
        let cost = Argon2Cost {
            memory_kib: parameter(m, "m").ok_or_else(|| part("m"))?,
            passes: parameter(t, "t")
                .filter(|t| *t > 0)
                .ok_or_else(|| part("t"))?,
            lanes: parameter(p, "p")
                .filter(|p| *p > 0)
                .ok_or_else(|| part("p"))?,
        };
        if cost.lanes > cost.memory_kib / 8 {
            return Err(part("m for that many lanes"));
        }
        if !limits.allow(cost.memory_bytes(), cost.passes) {
            return Err(Unreadable::TooCostly {
                kind: KIND,
                what: "memory or passes",
            });
        }
        Ok(Self {
            variant,
            version,
            cost,
            pepper_id,
            salt: base64(salt, 8..=64).ok_or_else(|| part("salt"))?,
            hash: base64(hash, 16..=64).ok_or_else(|| part("hash"))?,
        })
    }

    /// Hashes a new password.
    pub(in super::super) fn make(
        password: &[u8],
        salt: [u8; SALT_BYTES],
        cost: Argon2Cost,
        pepper: Option<&Pepper>,
        memory: &mut Memory,
    ) -> Result<Self, Unreadable> {
        let mut made = Self::unmatchable(salt, [0; HASH_BYTES], cost, pepper);
        made.hash = made
            .compute(password, pepper, memory, cost.blocks())?
            .to_vec();
        Ok(made)
    }

    /// A hash of our own form that costs nothing to make. With a random output no password
    /// matches it.
    pub(in super::super) fn unmatchable(
        salt: [u8; SALT_BYTES],
        hash: [u8; HASH_BYTES],
        cost: Argon2Cost,
        pepper: Option<&Pepper>,
    ) -> Self {
        Self {
            variant: Variant::Argon2id,
            version: Version::V0x13,
            cost,
            pepper_id: pepper.map(|pepper| pepper.id().to_owned()),
            salt: salt.to_vec(),
            hash: hash.to_vec(),
        }
    }

    /// Whether it is just what [`Argon2Hash::make`] makes now.
    pub(in super::super) fn is_present(&self, cost: Argon2Cost, pepper: Option<&Pepper>) -> bool {
        self.variant == Variant::Argon2id
            && self.version == Version::V0x13
            && self.cost == cost
            && self.pepper_id.as_deref() == pepper.map(Pepper::id)
            && self.salt.len() >= SALT_BYTES
            && self.hash.len() >= HASH_BYTES
    }

    /// Whether verifying it takes the work of a present hash: an older pepper or a shorter salt makes
    /// no difference to that.
    pub(in super::super) fn takes_present_work(&self, cost: Argon2Cost) -> bool {
        self.variant == Variant::Argon2id && self.version == Version::V0x13 && self.cost == cost
    }

    /// Whether the pepper it was made under, if any, is configured.
    pub(in super::super) fn pepper<'a>(
        &self,
        peppers: &'a Peppers,
    ) -> Result<Option<&'a Pepper>, Unreadable> {
        match &self.pepper_id {
            None => Ok(None),
            Some(id) => peppers.find(id).map(Some).ok_or(Unreadable::UnknownPepper),
        }
    }

    pub(super) fn verify(
        &self,
        password: &[u8],
        peppers: &Peppers,
        memory: &mut Memory,
        keep_blocks: usize,
    ) -> Result<bool, Unreadable> {
        let pepper = self.pepper(peppers)?;
        let computed = self.compute(password, pepper, memory, keep_blocks)?;
        Ok(computed.ct_eq(&self.hash).into())
    }

    fn compute(
        &self,
        password: &[u8],
        pepper: Option<&Pepper>,
        memory: &mut Memory,
        keep_blocks: usize,
    ) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let invalid = |_| part("m, t, p, salt or hash");
        let Argon2Cost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        let params =
            Params::new(memory_kib, passes, lanes, Some(self.hash.len())).map_err(invalid)?;
        let algorithm = match self.variant {
            Variant::Argon2d => Algorithm::Argon2d,
            Variant::Argon2i => Algorithm::Argon2i,
            Variant::Argon2id => Algorithm::Argon2id,
        };
        let blocks = params.block_count();
        let argon2 = match pepper {
            Some(pepper) => {
                Argon2::new_with_secret(pepper.secret(), algorithm, self.version, params)
                    .map_err(invalid)?
            }
            None => Argon2::new(algorithm, self.version, params),
        };
        #[cfg(test)]
        memory.note_work(self.cost.memory_bytes() * u64::from(passes));
        let mut out = Zeroizing::new(vec![0; self.hash.len()]);
        memory
            .with(blocks, keep_blocks, |blocks| {
                argon2.hash_password_into_with_memory(password, &self.salt, &mut out, blocks)
            })
            .map_err(invalid)?;
        Ok(out)
    }

    /// The PHC string.
    pub(in super::super) fn to_phc(&self) -> String {
        let variant = match self.variant {
            Variant::Argon2d => "argon2d",
            Variant::Argon2i => "argon2i",
            Variant::Argon2id => "argon2id",
        };
        let version = u32::from(self.version);
        let Argon2Cost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        let keyid = self.pepper_id.as_ref().map_or_else(String::new, |id| {
            format!(",keyid={}", to_base64(id.as_bytes()))
        });
        let (salt, hash) = (to_base64(&self.salt), to_base64(&self.hash));
        format!("${variant}$v={version}$m={memory_kib},t={passes},p={lanes}{keyid}${salt}${hash}")
    }
}
