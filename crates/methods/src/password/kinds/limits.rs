//! How much work a hash from elsewhere may ask for, so that one login can't eat the machine.
//!
//! Checked at import, where the reason is told, and again at each verification, because a store
//! can be tampered with. At the limits one login costs one thread about a second.

use super::argon2::Argon2Cost;

/// bcrypt's cost: 2^14 rounds take about a second.
pub(super) const MAX_BCRYPT_COST: u32 = 14;
/// PBKDF2's iterations; OWASP asks for 600,000 of SHA-256, Django 6 makes 1,200,000.
pub(super) const MAX_PBKDF2_ITERATIONS: u32 = 2_000_000;
/// Memory may be gone over this many times (Argon2's passes, scrypt's `p`) at the largest size;
/// smaller memory more often.
const PASSES_AT_MAX_MEMORY: u64 = 4;

/// The limits on memory-hard hashes.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Limits {
    max_memory: u64,
    max_work: u64,
}

impl Limits {
    /// Up to `foreign_memory_mib`, and in any case what our own parameters need.
    pub(in super::super) fn new(foreign_memory_mib: u32, own: Argon2Cost) -> Self {
        let max_memory = (u64::from(foreign_memory_mib) << 20).max(own.memory_bytes());
        let max_work = max_memory
            .saturating_mul(PASSES_AT_MAX_MEMORY)
            .max(own.memory_bytes().saturating_mul(own.passes.into()));
        Self {
            max_memory,
            max_work,
        }
    }

    /// Whether going over `memory` bytes `passes` times is within the limits.
    pub(super) fn allow(&self, memory: u64, passes: u32) -> bool {
        memory <= self.max_memory && memory.saturating_mul(passes.into()) <= self.max_work
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn memory_and_work_are_both_bounded() {
        let own = Argon2Cost {
            memory_kib: 19456,
            passes: 2,
            lanes: 1,
        };
        let limits = Limits::new(128, own);
        assert!(limits.allow(128 * MIB, 4));
        assert!(!limits.allow(128 * MIB, 5));
        assert!(!limits.allow(129 * MIB, 1));
        assert!(limits.allow(MIB, 512));
        assert!(!limits.allow(u64::MAX, u32::MAX));
    }

    #[test]
    fn our_own_parameters_are_always_allowed() {
        let own = Argon2Cost {
            memory_kib: 512 * 1024,
            passes: 20,
            lanes: 1,
        };
        assert!(Limits::new(1, own).allow(512 * MIB, 20));
    }
}
