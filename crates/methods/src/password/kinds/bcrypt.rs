//! bcrypt: `$2a$`, `$2b$` and `$2y$<cost>$<salt, 22 characters><hash, 31 characters>`.
//!
//! The three are computed alike. bcrypt reads 72 bytes of a password and no more. The hash was made
//! so, and is verified so: otherwise whoever has a longer password is locked out. The first login
//! replaces it by Argon2id over the whole password, and from then on all of it counts.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Unreadable;
use super::fields::bcrypt_base64;
use super::limits::MAX_BCRYPT_COST;

const KIND: &str = "bcrypt";
const MAX_PASSWORD_BYTES: usize = 72;

pub(in super::super) struct BcryptHash {
    cost: u32,
    salt: [u8; 16],
    hash: [u8; 23],
}

impl BcryptHash {
    pub(super) fn parse(fields: &[&str]) -> Result<Self, Unreadable> {
        let part = |part| Unreadable::Part { kind: KIND, part };
        let [cost, rest] = fields else {
            return Err(part("cost, salt or hash"));
        };
        // Two digits, so here a leading zero is right.
        let cost = match cost.as_bytes() {
            [b'0'..=b'9', b'0'..=b'9'] => cost.parse().ok().filter(|cost| (4..=31).contains(cost)),
            _ => None,
        };
        let cost = cost.ok_or_else(|| part("cost"))?;
        if cost > MAX_BCRYPT_COST {
            return Err(Unreadable::TooCostly {
                kind: KIND,
                what: "cost",
            });
        }
        // `split_at_checked` refuses to cut a character in two (RUSTSEC-2026-0199).
        let (salt, hash) = rest
            .split_at_checked(22)
            .filter(|(_, hash)| hash.len() == 31)
            .ok_or_else(|| part("salt or hash"))?;
        Ok(Self {
            cost,
            salt: bcrypt_base64(salt).ok_or_else(|| part("salt"))?,
            hash: bcrypt_base64(hash).ok_or_else(|| part("hash"))?,
        })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        // A terminating zero belongs to the key, unless the 72 bytes are full.
        let key: Zeroizing<Vec<u8>> = Zeroizing::new(
            password
                .iter()
                .copied()
                .chain([0])
                .take(MAX_PASSWORD_BYTES)
                .collect(),
        );
        // INVARIANT: `bcrypt` asserts a key of 1 to 72 bytes and a cost below 32.
        let computed = Zeroizing::new(bcrypt::bcrypt(self.cost, self.salt, &key));
        // The last byte of the 24 is never stored.
        computed
            .get(..self.hash.len())
            .is_some_and(|computed| computed.ct_eq(&self.hash).into())
    }
}
