//! E-mail addresses, and the rule by which two of them are the same.
//!
//! Rule: surrounding white space is dropped and the text brought to NFC. The address is kept as the
//! person wrote it. For comparison, the local part is case-folded (Unicode's full folding,
//! and NFKC) and the domain brought to its lower-case ASCII form (UTS 46). RFC 5321 §2.4 lets a host treat the local
//! part case-sensitively; no mail host of note does, and two accounts that differ in case alone are
//! a way to take one over. Dots and `+tags` are kept: only the host knows what they mean.

use std::fmt;
use std::str::FromStr;

use icu_casemap::CaseMapper;
use serde::{Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

/// An e-mail address: the spelling to send to, and the key to compare by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    address: String,
    key: String,
}

/// The text is not an e-mail address that mail could reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    /// There is no text.
    #[error("the e-mail address is empty")]
    Empty,
    /// Longer than RFC 5321 §4.5.3.1 allows.
    #[error("the e-mail address is too long: at most 254 bytes, 64 of them before the @")]
    TooLong,
    /// Not `local@domain`.
    #[error("not an e-mail address: write it as name@example.com")]
    Malformed,
    /// The part after the `@` is no domain name.
    #[error("the part after the @ is not a domain name")]
    Domain,
}

impl EmailAddress {
    /// Wraps an address and its key as a store keeps them: not parsed again, so that a rule that
    /// changes with a new version of Unicode never makes a user unreadable.
    pub fn from_stored(address: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            key: key.into(),
        }
    }

    /// The address as its owner wrote it, in NFC.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The form under which the address is unique in the store.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let address: String = text.trim().nfc().collect();
        if address.is_empty() {
            return Err(InvalidEmail::Empty);
        }
        let (local, domain) = address.rsplit_once('@').ok_or(InvalidEmail::Malformed)?;
        if address.len() > 254 || local.len() > 64 {
            return Err(InvalidEmail::TooLong);
        }
        // One that begins with a dash would be an option in somebody's script.
        if !is_dot_atom(local) || local.starts_with('-') {
            return Err(InvalidEmail::Malformed);
        }
        let folded = fold(local);
        if folded.len() > 64 {
            return Err(InvalidEmail::TooLong);
        }
        // Folding may have brought in characters that mean something (a full-width @ or space).
        if !is_dot_atom(&folded) {
            return Err(InvalidEmail::Malformed);
        }
        let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmail::Domain)?;
        let labels = ascii.split('.').count();
        let last_is_a_number = ascii
            .rsplit('.')
            .next()
            .is_some_and(|l| l.parse::<u64>().is_ok());
        if ascii.is_empty() || ascii.len() > 253 || labels < 2 || last_is_a_number {
            return Err(InvalidEmail::Domain);
        }
        let key = format!("{folded}@{ascii}");
        Ok(Self { address, key })
    }
}

/// Folds case and compatibility forms, over and over until nothing changes: either can bring in what
/// the other folds.
fn fold(local: &str) -> String {
    let mapper = CaseMapper::new();
    let mut folded = local.to_owned();
    // Two rounds do it for all of Unicode; the bound is against surprises.
    for _ in 0..4 {
        let nfkc: String = folded.nfkc().collect();
        let next: String = mapper.fold_string(&nfkc).nfkc().collect();
        if next == folded {
            break;
        }
        folded = next;
    }
    folded
}

/// RFC 5322 §3.2.3 `dot-atom-text`, with the non-ASCII letters of RFC 6531 §3.3. The quoted form is
/// left out: nobody uses it, and everybody who parses it differs.
fn is_dot_atom(local: &str) -> bool {
    !local.is_empty()
        && local.split('.').all(|atom| {
            !atom.is_empty()
                && atom.chars().all(|c| {
                    c.is_ascii_alphanumeric()
                        || "!#$%&'*+-/=?^_`{|}~".contains(c)
                        || (!c.is_ascii() && c.is_alphanumeric())
                        || (!c.is_ascii() && unicode_normalization::char::is_combining_mark(c))
                })
        })
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<String, InvalidEmail> {
        text.parse::<EmailAddress>().map(|e| e.key().to_owned())
    }

    #[test]
    fn spellings_of_one_address_have_one_key() {
        for same in [
            "Jill@Example.com",
            " jill@example.COM ",
            "JILL@EXAMPLE.COM",
            "\u{ff2a}ill@example.com",
            "jill@\u{ff45}xample.com",
        ] {
            assert_eq!(key(same).as_deref(), Ok("jill@example.com"), "{same}");
        }
        assert_eq!(
            key("jos\u{e9}@b\u{fc}cher.example"),
            key("JOSE\u{301}@xn--bcher-kva.EXAMPLE")
        );
    }

    #[test]
    fn case_is_folded_after_unicode_and_not_only_lowered() {
        assert_eq!(key("ΟΔΟΣ@x.example"), key("οδος@x.example"));
        assert_eq!(key("οδοσ@x.example"), key("οδος@x.example"));
        assert_eq!(key("STRASSE@x.example"), key("straße@x.example"));
    }

    #[test]
    fn the_key_of_an_address_is_an_address_with_that_key_whatever_the_character() {
        for letter in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            if let Ok(email) = format!("a{letter}@x.example").parse::<EmailAddress>() {
                assert_eq!(key(email.key()).as_deref(), Ok(email.key()), "{letter:?}");
                assert_eq!(
                    key(email.as_str()).as_deref(),
                    Ok(email.key()),
                    "{letter:?}"
                );
            }
        }
    }

    #[test]
    fn the_spelling_is_kept_for_sending() {
        let email: EmailAddress = " Jill.Doe+news@Example.com".parse().unwrap();
        assert_eq!(email.as_str(), "Jill.Doe+news@Example.com");
    }

    #[test]
    fn what_no_mail_can_reach_is_refused() {
        for (text, why) in [
            ("", InvalidEmail::Empty),
            ("   ", InvalidEmail::Empty),
            ("jill", InvalidEmail::Malformed),
            ("@example.com", InvalidEmail::Malformed),
            ("a b@example.com", InvalidEmail::Malformed),
            ("a..b@example.com", InvalidEmail::Malformed),
            ("a@b@example.com", InvalidEmail::Malformed),
            ("jill\r\nBcc: x@example.com", InvalidEmail::Malformed),
            ("\"a b\"@example.com", InvalidEmail::Malformed),
            ("--yes@example.com", InvalidEmail::Malformed),
            ("jill@", InvalidEmail::Domain),
            ("jill@localhost", InvalidEmail::Domain),
            ("jill@127.0.0.1", InvalidEmail::Domain),
            ("jill@exa_mple.com", InvalidEmail::Domain),
        ] {
            assert_eq!(key(text), Err(why), "{text:?}");
        }
        assert_eq!(
            key(&format!("{}@example.com", "a".repeat(65))),
            Err(InvalidEmail::TooLong)
        );
    }
}
