//! Names that people choose: usernames, display names, and labels of devices and tokens.
//!
//! Usernames follow the `UsernameCaseMapped` profile of PRECIS (RFC 8265 §3.3), so that full-width
//! letters, capitals and composed or decomposed accents give one name. The other names follow the
//! `Nickname` profile (RFC 8266) without its case mapping: shown as written, never compared.

use std::fmt;
use std::str::FromStr;

use precis_core::profile::PrecisFastInvocation;
use precis_profiles::{Nickname, UsernameCaseMapped};
use serde::{Serialize, Serializer};

use crate::id::UserId;

/// A username in the one form that it is stored, shown and compared in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(String);

/// The text can't be a username.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUsername {
    /// Shorter than one or longer than 64 characters.
    #[error("a username has 1 to 64 characters")]
    Length,
    /// An `@`: a login could not tell it from an e-mail address.
    #[error("a username has no @, so that it is never taken for an e-mail address")]
    LooksLikeEmail,
    /// It begins like an option of a command or a hidden file, or it is an id: in somebody's script
    /// it would be taken for one.
    #[error("a username does not begin with '-' or '.', and is not an id")]
    Confusing,
    /// A character that PRECIS does not allow in a username.
    #[error("a username has letters, digits and visible ASCII signs only, and no spaces")]
    Character,
}

impl Username {
    /// The longest username, in characters.
    pub const MAX_CHARS: usize = 64;

    /// Wraps a name as a store keeps it: not parsed again, so that a rule that changes with a new
    /// version of Unicode never makes a user unreadable.
    pub fn from_stored(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The normalised name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, InvalidUsername> {
        let text = text.trim();
        // Bounds the work of the profile before it begins; mapping may still change the length.
        if text.is_empty() || text.chars().count() > Self::MAX_CHARS * 4 {
            return Err(InvalidUsername::Length);
        }
        let name = UsernameCaseMapped::enforce(text).map_err(|_| InvalidUsername::Character)?;
        if name.is_empty() || name.chars().count() > Self::MAX_CHARS {
            return Err(InvalidUsername::Length);
        }
        if name.contains('@') {
            return Err(InvalidUsername::LooksLikeEmail);
        }
        if name.starts_with(['-', '.']) || name.parse::<UserId>().is_ok() {
            return Err(InvalidUsername::Confusing);
        }
        // What is stored is parsed when it is read: a name that the profile would change or refuse
        // the second time (Cherokee capitals, for one) can't be a name at all.
        if UsernameCaseMapped::enforce(name.as_ref()).ok().as_deref() != Some(name.as_ref()) {
            return Err(InvalidUsername::Character);
        }
        Ok(Self(name.into_owned()))
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Username {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A name for people to read: of a user, a device or a token. 1 to 100 characters, no controls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

/// The text can't be a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 100 characters, and none of them is a control character")]
pub struct InvalidLabel;

impl Label {
    /// The longest label, in characters.
    pub const MAX_CHARS: usize = 100;

    /// Wraps a label as a store keeps it, without parsing it again.
    pub fn from_stored(label: impl Into<String>) -> Self {
        Self(label.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Makes a label out of text that a client sent along unasked, such as `User-Agent`: what is
    /// too long is cut, what can't be shown is dropped, and nothing left gives `None`.
    pub fn lenient(text: &str) -> Option<Self> {
        let kept: String = text
            .chars()
            .filter(|c| !c.is_control())
            .take(Self::MAX_CHARS)
            .collect();
        kept.trim().parse().ok()
    }
}

impl FromStr for Label {
    type Err = InvalidLabel;

    fn from_str(text: &str) -> Result<Self, InvalidLabel> {
        if text.chars().count() > Self::MAX_CHARS * 4 {
            return Err(InvalidLabel);
        }
        let label = Nickname::enforce(text).map_err(|_| InvalidLabel)?;
        if label.chars().count() > Self::MAX_CHARS {
            return Err(InvalidLabel);
        }
        Ok(Self(label.into_owned()))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// What the names and addresses of the users in a list begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePrefix(String);

/// No name or address can begin with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a prefix has 254 characters at most, and none of them is a control character")]
pub struct InvalidNamePrefix;

impl NamePrefix {
    /// The longest prefix, in characters: as long as an e-mail address gets.
    pub const MAX_CHARS: usize = 254;

    /// The text as it was written.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl FromStr for NamePrefix {
    type Err = InvalidNamePrefix;

    fn from_str(text: &str) -> Result<Self, InvalidNamePrefix> {
        if text.chars().any(char::is_control) || text.chars().count() > Self::MAX_CHARS {
            return Err(InvalidNamePrefix);
        }
        Ok(Self(text.to_owned()))
    }
}

/// What a person types into the first field of a login form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// It has an `@`.
    Email(crate::email::EmailAddress),
    /// It has none.
    Username(Username),
}

/// The text is neither an e-mail address nor a username, so nobody can have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address and not a username")]
pub struct InvalidIdentifier;

impl FromStr for Identifier {
    type Err = InvalidIdentifier;

    fn from_str(text: &str) -> Result<Self, InvalidIdentifier> {
        if text.len() > 1024 {
            return Err(InvalidIdentifier);
        }
        if text.contains(['@', '\u{ff20}', '\u{fe6b}']) {
            text.parse().map(Self::Email).map_err(|_| InvalidIdentifier)
        } else {
            text.parse()
                .map(Self::Username)
                .map_err(|_| InvalidIdentifier)
        }
    }
}

impl Identifier {
    /// The normalised text, unique among identifiers: what a throttle counts by, so that an
    /// account's attempts under its differing spellings count together.
    pub fn key(&self) -> &str {
        match self {
            Self::Email(email) => email.key(),
            Self::Username(name) => name.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_username_are_one_name() {
        for same in ["Jill", "JILL", " jill ", "\u{ff2a}\u{ff49}\u{ff4c}\u{ff4c}"] {
            assert_eq!(same.parse::<Username>().unwrap().as_str(), "jill", "{same}");
        }
        let composed: Username = "jos\u{e9}".parse().unwrap();
        assert_eq!("JOSE\u{301}".parse::<Username>().unwrap(), composed);
    }

    #[test]
    fn a_username_that_could_confuse_is_refused() {
        for (text, why) in [
            ("", InvalidUsername::Length),
            ("jill@example.com", InvalidUsername::LooksLikeEmail),
            ("jill\u{ff20}example", InvalidUsername::LooksLikeEmail),
            ("two words", InvalidUsername::Character),
            ("tab\tbed", InvalidUsername::Character),
            ("zero\u{200b}width", InvalidUsername::Character),
            ("right\u{202e}left", InvalidUsername::Character),
            ("nul\0", InvalidUsername::Character),
            ("--role=admin", InvalidUsername::Confusing),
            ("..", InvalidUsername::Confusing),
            (
                "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55",
                InvalidUsername::Confusing,
            ),
        ] {
            assert_eq!(text.parse::<Username>(), Err(why), "{text:?}");
        }
        assert_eq!(
            "a".repeat(65).parse::<Username>(),
            Err(InvalidUsername::Length)
        );
        assert!("a".repeat(64).parse::<Username>().is_ok());
    }

    #[test]
    fn what_was_parsed_once_parses_again_to_itself_whatever_the_character() {
        for text in (0..=u32::from(char::MAX))
            .filter_map(char::from_u32)
            .map(String::from)
        {
            if let Ok(name) = text.parse::<Username>() {
                assert_eq!(name.as_str().parse(), Ok(name.clone()), "{text:?}");
            }
            if let Ok(label) = text.parse::<Label>() {
                assert_eq!(label.as_str().parse(), Ok(label.clone()), "{text:?}");
            }
        }
        assert_eq!(
            "\u{13a0}".parse::<Username>(),
            Err(InvalidUsername::Character)
        );
    }

    #[test]
    fn a_label_keeps_case_and_spaces_but_no_controls() {
        assert_eq!(
            "Jill  O'Neill ".parse::<Label>().unwrap().as_str(),
            "Jill O'Neill"
        );
        assert!("".parse::<Label>().is_err());
        assert!("line\nbreak".parse::<Label>().is_err());
        assert_eq!(
            Label::lenient("curl/8\r\nX: y").unwrap().as_str(),
            "curl/8X: y"
        );
        assert_eq!(Label::lenient("\u{1}"), None);
    }

    #[test]
    fn a_prefix_has_no_controls_and_is_no_longer_than_an_address() {
        assert_eq!(
            "Ad".parse().map(NamePrefix::into_string),
            Ok("Ad".to_owned())
        );
        assert!("".parse::<NamePrefix>().is_ok());
        assert!("é".repeat(254).parse::<NamePrefix>().is_ok());
        assert!("é".repeat(255).parse::<NamePrefix>().is_err());
        assert!("a\0".parse::<NamePrefix>().is_err());
        assert!("a\u{9f}".parse::<NamePrefix>().is_err());
    }

    #[test]
    fn an_identifier_is_an_email_if_it_has_an_at_sign() {
        assert!(matches!(
            "Jill@Example.com".parse(),
            Ok(Identifier::Email(_))
        ));
        assert!(matches!("Jill".parse(), Ok(Identifier::Username(_))));
        assert!("two words".parse::<Identifier>().is_err());
    }
}
