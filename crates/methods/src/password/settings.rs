//! What can be set about passwords, checked once at start.
//!
//! Plain values, so that the configuration can fill them. The defaults follow the OWASP password
//! storage cheat sheet (Argon2id, 19 MiB, 2 passes, 1 lane), ASVS 5.0 V6.2 and NIST SP 800-63B-4.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::kinds::Argon2Cost;
use super::peppers::Pepper;

/// How passwords are hashed, judged and queued.
#[derive(Debug, Clone)]
pub struct PasswordSettings {
    /// Memory of one hash, in KiB. Default 19456 (19 MiB).
    pub memory_kib: u32,
    /// Passes over the memory. Default 2.
    pub passes: u32,
    /// Argon2's lanes. Default 1; more make a hash no faster here, as lanes run one by one.
    pub lanes: u32,
    /// The secret mixed into new hashes. Default none.
    pub pepper: Option<Pepper>,
    /// Earlier peppers, under which hashes still verify until they are replaced.
    pub previous_peppers: Vec<Pepper>,
    /// Fewest characters of a new password. Default 8, the least that ASVS V6.2.1 and NIST SP
    /// 800-63B-4 allow beside a second factor; 15 is better where the password stands alone.
    pub min_chars: usize,
    /// Most characters of a new password. Default 256.
    pub max_chars: usize,
    /// Least strength of a new password, 0 to 4. Default 2: about 10⁶ guesses, out of reach of
    /// online guessing behind a throttle. It is an estimate of guesses, not a composition rule.
    pub min_score: u8,
    /// More forbidden passwords, one a line, compared without regard to case.
    pub blocklist: Option<String>,
    /// Words that anybody would try here, such as the product's name (ASVS V6.2.11).
    pub context_words: Vec<String>,
    /// Hashing threads. Default: one a core.
    pub threads: Option<NonZeroUsize>,
    /// Most hashes that wait. Default 1024.
    pub queue_limit: usize,
    /// Longest wait for a hashing thread. Default 5 s. Past it the answer is "busy", at once.
    pub max_wait: Duration,
    /// Most memory that a hash from elsewhere may ask for, in MiB. Default 128.
    pub foreign_memory_mib: u32,
    /// Why hashes may be too cheap to protect anything; only tests have a reason. Default none, and
    /// then cheap parameters are refused. The reason goes to the log.
    pub dangerous_allow_cheap: Option<&'static str>,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
            pepper: None,
            previous_peppers: Vec::new(),
            min_chars: 8,
            max_chars: 256,
            min_score: 2,
            blocklist: None,
            context_words: Vec::new(),
            threads: None,
            queue_limit: 1024,
            max_wait: Duration::from_secs(5),
            foreign_memory_mib: 128,
            dangerous_allow_cheap: None,
        }
    }
}

/// A setting that can't stand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct InvalidSetting {
    /// The field of [`PasswordSettings`].
    pub field: &'static str,
    /// What is wrong, and what would be right.
    pub problem: &'static str,
}

const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const LEAST_MEMORY_KIB: u32 = 7 * 1024;
/// Memory times passes of the cheapest choice that OWASP lists (7 MiB, 5 passes).
const LEAST_WORK_KIB: u64 = 7 * 1024 * 5;

impl PasswordSettings {
    /// Hashing so cheap that a stolen hash protects nothing: for tests that make many users.
    /// `reason` goes to the log at start.
    #[must_use]
    pub fn dangerous_cheap_hashing(mut self, reason: &'static str) -> Self {
        self.memory_kib = 64;
        self.passes = 1;
        self.lanes = 1;
        self.dangerous_allow_cheap = Some(reason);
        self
    }

    pub(super) fn check(&self) -> Result<(), InvalidSetting> {
        let work = u64::from(self.memory_kib) * u64::from(self.passes);
        let weak = self.dangerous_allow_cheap.is_none()
            && (self.memory_kib < LEAST_MEMORY_KIB || work < LEAST_WORK_KIB);
        let rules = [
            (
                weak,
                "memory_kib",
                "is too cheap: take 19456 with 2 passes, or 7168 with 5",
            ),
            (
                self.memory_kib > MOST_MEMORY_KIB,
                "memory_kib",
                "must be at most 1048576 (1 GiB)",
            ),
            (
                !(1..=64).contains(&self.passes),
                "passes",
                "must be 1 to 64",
            ),
            (!(1..=64).contains(&self.lanes), "lanes", "must be 1 to 64"),
            (
                self.memory_kib < self.lanes.saturating_mul(8),
                "memory_kib",
                "must be at least 8 for each lane",
            ),
            (
                !(8..=64).contains(&self.min_chars),
                "min_chars",
                "must be 8 to 64",
            ),
            (
                !(64..=1024).contains(&self.max_chars),
                "max_chars",
                "must be 64 to 1024: long passwords are good ones",
            ),
            (self.min_score > 4, "min_score", "must be 0 to 4"),
            (self.queue_limit == 0, "queue_limit", "must be at least 1"),
            (
                self.max_wait.is_zero(),
                "max_wait",
                "must be longer than nothing",
            ),
            (
                !(1..=4096).contains(&self.foreign_memory_mib),
                "foreign_memory_mib",
                "must be 1 to 4096",
            ),
        ];
        match rules.into_iter().find(|(broken, ..)| *broken) {
            Some((_, field, problem)) => Err(InvalidSetting { field, problem }),
            None => Ok(()),
        }
    }

    pub(super) fn cost(&self) -> Argon2Cost {
        Argon2Cost {
            memory_kib: self.memory_kib,
            passes: self.passes,
            lanes: self.lanes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_stand() {
        assert_eq!(PasswordSettings::default().check(), Ok(()));
    }

    #[test]
    fn each_bad_value_is_refused_by_name() {
        let base = PasswordSettings::default;
        let cases = [
            (
                "memory_kib",
                PasswordSettings {
                    memory_kib: 4096,
                    passes: 20,
                    ..base()
                },
            ),
            (
                "memory_kib",
                PasswordSettings {
                    passes: 1,
                    ..base()
                },
            ),
            (
                "memory_kib",
                PasswordSettings {
                    memory_kib: 2 * MOST_MEMORY_KIB,
                    ..base()
                },
            ),
            (
                "passes",
                PasswordSettings {
                    passes: 65,
                    ..base()
                },
            ),
            ("lanes", PasswordSettings { lanes: 0, ..base() }),
            (
                "min_chars",
                PasswordSettings {
                    min_chars: 7,
                    ..base()
                },
            ),
            (
                "max_chars",
                PasswordSettings {
                    max_chars: 63,
                    ..base()
                },
            ),
            (
                "min_score",
                PasswordSettings {
                    min_score: 5,
                    ..base()
                },
            ),
            (
                "queue_limit",
                PasswordSettings {
                    queue_limit: 0,
                    ..base()
                },
            ),
            (
                "max_wait",
                PasswordSettings {
                    max_wait: Duration::ZERO,
                    ..base()
                },
            ),
            (
                "foreign_memory_mib",
                PasswordSettings {
                    foreign_memory_mib: 0,
                    ..base()
                },
            ),
        ];
        for (field, settings) in cases {
            assert_eq!(settings.check().map_err(|e| e.field), Err(field));
        }
    }

    #[test]
    fn cheap_hashing_has_to_be_asked_for_by_its_name() {
        let cheap = PasswordSettings::default().dangerous_cheap_hashing("a test");
        assert_eq!(cheap.check(), Ok(()));
        let by_hand = PasswordSettings {
            memory_kib: 64,
            passes: 1,
            ..Default::default()
        };
        assert!(by_hand.check().is_err());
    }
}
