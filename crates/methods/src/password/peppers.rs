//! Peppers: secrets that live outside the store and go into every hash, so that a stolen store
//! alone gives nothing to guess against (NIST SP 800-63B-4 §3.1.1.2).
//!
//! A pepper is Argon2's own secret input (RFC 9106 §3.1, K). Its id stands in the hash as `keyid`,
//! so the present pepper can change while hashes under earlier ones still verify.

use std::fmt;

use zeroize::Zeroizing;

use super::settings::InvalidSetting;

/// A pepper and its id.
#[derive(Clone)]
pub struct Pepper {
    id: String,
    secret: Zeroizing<Vec<u8>>,
}

impl Pepper {
    /// Fewest bytes of a secret.
    pub const MIN_SECRET_BYTES: usize = 32;

    /// Takes an id of 1 to 8 letters and digits, and a secret of at least 32 bytes.
    pub fn new(id: &str, secret: Vec<u8>) -> Result<Self, InvalidSetting> {
        let secret = Zeroizing::new(secret);
        let invalid = |problem| {
            Err(InvalidSetting {
                field: "pepper",
                problem,
            })
        };
        // PHC's `keyid` holds at most 8 bytes.
        if !(1..=8).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return invalid("needs an id of 1 to 8 letters and digits");
        }
        if secret.len() < Self::MIN_SECRET_BYTES {
            return invalid("needs a secret of at least 32 bytes");
        }
        Ok(Self {
            id: id.to_owned(),
            secret,
        })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn secret(&self) -> &[u8] {
        &self.secret
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pepper({}, …)", self.id)
    }
}

/// The present pepper and the earlier ones.
#[derive(Debug, Default)]
pub(super) struct Peppers {
    present: Option<Pepper>,
    previous: Vec<Pepper>,
}

impl Peppers {
    pub(super) fn new(
        present: Option<Pepper>,
        previous: Vec<Pepper>,
    ) -> Result<Self, InvalidSetting> {
        let mut ids: Vec<&str> = present.iter().chain(&previous).map(Pepper::id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            let problem = "must not share its id with another: a new secret needs a new id";
            return Err(InvalidSetting {
                field: "pepper",
                problem,
            });
        }
        Ok(Self { present, previous })
    }

    pub(super) fn present(&self) -> Option<&Pepper> {
        self.present.as_ref()
    }

    pub(super) fn find(&self, id: &str) -> Option<&Pepper> {
        self.present
            .iter()
            .chain(&self.previous)
            .find(|pepper| pepper.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pepper_is_long_and_has_a_short_id() {
        assert!(Pepper::new("2026a", vec![7; 32]).is_ok());
        for (id, bytes) in [("", 32), ("ninechars", 32), ("a,b", 32), ("a", 31)] {
            assert!(Pepper::new(id, vec![7; bytes]).is_err(), "{id} {bytes}");
        }
    }

    #[test]
    fn a_pepper_is_never_printed() {
        let pepper = Pepper::new("a", vec![b'S'; 32]).unwrap();
        assert_eq!(format!("{pepper:?}"), "Pepper(a, …)");
    }

    #[test]
    fn two_peppers_never_share_an_id() {
        let pepper = |byte| Pepper::new("a", vec![byte; 32]).unwrap();
        assert!(Peppers::new(Some(pepper(1)), vec![pepper(2)]).is_err());
    }
}
