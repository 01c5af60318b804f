//! scrypt (RFC 7914): `$scrypt$ln=<log2 N>,r=<block size>,p=<lanes>$<salt>$<hash>`, as the PHC
//! string format and passlib write it.

use scrypt::Params;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::fields::{base64, parameter};
use super::{Limits, Unreadable};

/// The cost of scrypt, known to be within the limits.
pub(super) struct ScryptCost(Params);

impl ScryptCost {
    pub(super) fn new(
        kind: &'static str,
        log_n: u32,
        r: u32,
        p: u32,
        limits: &Limits,
    ) -> Result<Self, Unreadable> {
        let too_costly = Unreadable::TooCostly {
            kind,
            what: "memory or lanes",
        };
        let malformed = Unreadable::Part {
            kind,
            part: "N, r or p",
        };
        if log_n == 0 || r == 0 || p == 0 {
            return Err(malformed);
        }
        // RFC 7914 §2: 128·r·N bytes, gone over p times, beside 128·r·p bytes of input.
        let n = 1_u64.checked_shl(log_n).ok_or(too_costly)?;
        let block = u64::from(r).saturating_mul(128);
        let input = block.saturating_mul(p.into());
        if !limits.allow(block.saturating_mul(n), p) || !limits.allow(input, 1) {
            return Err(too_costly);
        }
        let log_n = u8::try_from(log_n).map_err(|_| too_costly)?;
        Params::new(log_n, r, p).map(Self).map_err(|_| malformed)
    }

    /// Fills `out`. Gives `false` only for an empty `out`.
    pub(super) fn derive(&self, password: &[u8], salt: &[u8], out: &mut [u8]) -> bool {
        scrypt::scrypt(password, salt, &self.0, out).is_ok()
    }
}

pub(in super::super) struct ScryptHash {
    cost: ScryptCost,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl ScryptHash {
    pub(super) fn parse(fields: &[&str], limits: &Limits) -> Result<Self, Unreadable> {
        const KIND: &str = "scrypt";
        let part = |part| Unreadable::Part { kind: KIND, part };
        let [parameters, salt, hash] = fields else {
            return Err(part("parameters, salt or hash"));
        };
        let parameters: Vec<&str> = parameters.splitn(4, ',').collect();
        let [ln, r, p] = parameters.as_slice() else {
            return Err(part("ln, r or p"));
        };
        let ln = parameter(ln, "ln").ok_or_else(|| part("ln"))?;
        let r = parameter(r, "r").ok_or_else(|| part("r"))?;
        let p = parameter(p, "p").ok_or_else(|| part("p"))?;
        Ok(Self {
            cost: ScryptCost::new(KIND, ln, r, p, limits)?,
            salt: base64(salt, 1..=128).ok_or_else(|| part("salt"))?,
            hash: base64(hash, 16..=64).ok_or_else(|| part("hash"))?,
        })
    }

    pub(super) fn verify(&self, password: &[u8]) -> bool {
        let mut computed = Zeroizing::new(vec![0; self.hash.len()]);
        self.cost.derive(password, &self.salt, &mut computed) && computed.ct_eq(&self.hash).into()
    }
}
