//! Judges new passwords: NIST SP 800-63B-4 §3.1.1.2 and ASVS 5.0 V6.2.
//!
//! Length in characters, a list of common passwords, the person's own names, and an estimate of the
//! guesses it would take. No composition rules, and nothing here looks at a password that is in
//! use already.

mod common;
mod personal;
mod strength;

pub use strength::Strength;

use countersign_domain::password::{Password, WeakPassword};

use super::settings::PasswordSettings;
use common::CommonPasswords;
use personal::is_built_from;

/// The rules for new passwords.
pub(super) struct Policy {
    min_chars: usize,
    max_chars: usize,
    min_score: u8,
    context_words: Vec<String>,
    common: CommonPasswords,
}

impl Policy {
    pub(super) fn new(settings: &PasswordSettings) -> Self {
        Self {
            min_chars: settings.min_chars,
            max_chars: settings.max_chars,
            min_score: settings.min_score,
            context_words: settings.context_words.clone(),
            common: CommonPasswords::with(settings.blocklist.as_deref()),
        }
    }

    /// Judges a password; `about` are the person's own names and addresses.
    pub(super) fn assess(&self, password: &Password, about: &[&str]) -> Result<(), WeakPassword> {
        if password.chars() < self.min_chars {
            return Err(WeakPassword::TooShort {
                min: self.min_chars,
            });
        }
        if password.chars() > self.max_chars {
            return Err(WeakPassword::TooLong {
                max: self.max_chars,
            });
        }
        let context = self.context_words.iter().map(String::as_str);
        if self.common.contains(password.expose()) || is_built_from(password, context) {
            return Err(WeakPassword::Common);
        }
        if is_built_from(password, about.iter().copied()) {
            return Err(WeakPassword::Personal);
        }
        let strength = self.strength(password, about);
        if strength.score < self.min_score {
            return Err(WeakPassword::Guessable {
                score: strength.score,
                min_score: self.min_score,
                warning: strength.warning,
                suggestions: strength.suggestions,
            });
        }
        Ok(())
    }

    /// Estimates how hard a password is to guess.
    pub(super) fn strength(&self, password: &Password, about: &[&str]) -> Strength {
        let context = self.context_words.iter().map(String::as_str);
        strength::estimate(password, about.iter().copied().chain(context))
    }
}

#[cfg(test)]
mod tests;
