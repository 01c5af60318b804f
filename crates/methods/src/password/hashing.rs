//! Hashes and verifies, on the thread that calls it.
//!
//! A stranger must not learn from the time of an answer whether a user exists (ASVS V6.3.8). So
//! every verification that fails costs at least one hash with the present parameters:
//!
//! * no such user: a dummy hash of the present form is verified, by the same code as a real one;
//! * a hash of the present form: its own verification;
//! * any other hash, broken ones included: its own verification and then the dummy's. That is as
//!   much as a match costs, where the second half is the new hash. Such a user is answered later
//!   than others until their first login; it can't be told from the time whether the password was
//!   right.

use std::sync::Arc;

use countersign_app::ports::{Entropy, Verdict};
use countersign_domain::password::PasswordHash;

use super::kinds::{Argon2Cost, Argon2Hash, HASH_BYTES, Limits, SALT_BYTES, Stored, Unreadable};
use super::memory::Memory;
use super::peppers::Peppers;

/// Everything that hashing needs, shared by the threads.
pub(super) struct Hashing {
    cost: Argon2Cost,
    peppers: Peppers,
    limits: Limits,
    entropy: Arc<dyn Entropy>,
    /// Of the present form, with a random output.
    dummy: String,
}

impl Hashing {
    pub(super) fn new(
        cost: Argon2Cost,
        foreign_memory_mib: u32,
        peppers: Peppers,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let dummy = Argon2Hash::unmatchable(
            entropy.bytes::<SALT_BYTES>(),
            entropy.bytes::<HASH_BYTES>(),
            cost,
            peppers.present(),
        );
        let limits = Limits::new(foreign_memory_mib, cost);
        Self {
            cost,
            limits,
            entropy,
            dummy: dummy.to_phc(),
            peppers,
        }
    }

    /// Hashes a new password.
    pub(super) fn hash(
        &self,
        password: &[u8],
        memory: &mut Memory,
    ) -> Result<PasswordHash, Unreadable> {
        let salt = self.entropy.bytes::<SALT_BYTES>();
        let pepper = self.peppers.present();
        let made = Argon2Hash::make(password, salt, self.cost, pepper, memory)?;
        Ok(PasswordHash::from_stored(made.to_phc()))
    }

    /// Verifies a password, and hashes it anew if that is due. `None` is a user who is not there.
    pub(super) fn verify(
        &self,
        password: &[u8],
        stored: Option<&PasswordHash>,
        memory: &mut Memory,
    ) -> Verdict {
        let text = stored.map_or(self.dummy.as_str(), PasswordHash::expose);
        let (matches, present, takes_present_work) = match self.check(password, text, memory) {
            Ok(outcome) => outcome,
            Err(unreadable) => {
                tracing::error!(
                    reason = %unreadable,
                    "a stored password hash can't be verified; its user can't log in"
                );
                (false, false, false)
            }
        };
        if matches && stored.is_some() {
            return Verdict::Match {
                rehash: if present {
                    None
                } else {
                    self.rehash(password, memory)
                },
            };
        }
        if !takes_present_work {
            // The outcome is known; only the time counts.
            let _ = self.check(password, &self.dummy, memory);
        }
        Verdict::Mismatch
    }

    /// Whether a hash from elsewhere can be verified.
    pub(super) fn accept(&self, text: &str) -> Result<PasswordHash, Unreadable> {
        let text = text.trim();
        if let Stored::Argon2(hash) = Stored::parse(text, &self.limits)? {
            hash.pepper(&self.peppers)?;
        }
        Ok(PasswordHash::from_stored(text))
    }

    /// Whether it matches, whether it is of the present form, and whether it took the present work.
    fn check(
        &self,
        password: &[u8],
        text: &str,
        memory: &mut Memory,
    ) -> Result<(bool, bool, bool), Unreadable> {
        let stored = Stored::parse(text, &self.limits)?;
        let matches = stored.verify(password, &self.peppers, memory, self.cost.blocks())?;
        let (present, takes_present_work) = match &stored {
            Stored::Argon2(hash) => (
                hash.is_present(self.cost, self.peppers.present()),
                hash.takes_present_work(self.cost),
            ),
            _ => (false, false),
        };
        Ok((matches, present, takes_present_work))
    }

    fn rehash(&self, password: &[u8], memory: &mut Memory) -> Option<PasswordHash> {
        self.hash(password, memory)
            .inspect_err(|error| tracing::error!(%error, "a password could not be hashed anew"))
            .ok()
    }
}
