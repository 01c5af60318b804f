//! What one setting is: its key, kind, default, meaning and the reasons for them. The groups under
//! `groups/` are written in these words; the parser, the reference, the example file, the names of
//! the environment variables and the suggestions are all read from them, so none can drift apart.

use std::path::Path;

use super::raw::Raw;
use super::value::{Kind, Value, Wrong, holds_password};

/// What a setting is when no source gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// This value.
    Given(&'static str),
    /// Worked out from other settings, as the text says.
    Follows(&'static str),
    /// Nothing; the text says what that means.
    Unset(&'static str),
}

/// Who may see a setting's value, and where it may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// Anywhere; the value may be printed.
    Plain,
    /// Anywhere, but the value is not printed: it names, or may hold, a secret.
    Hidden,
    /// The address of a store: without a password anywhere, with one only in an environment
    /// variable (or `.env`); printed without its secrets.
    Address,
    /// Only an environment variable (or `.env`); never printed.
    Secret,
}

/// One setting, as the table declares it.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The full key, such as `tokens.access_lifetime`.
    pub key: &'static str,
    /// How its values are written.
    pub kind: Kind,
    /// What it is when nobody says.
    pub fallback: Fallback,
    /// Why the default is what it is; empty where there is nothing to explain.
    pub reason: &'static str,
    /// A value that one might write, in the form of an environment variable.
    pub example: &'static str,
    /// The least and the greatest value, both allowed.
    pub bounds: Option<(&'static str, &'static str)>,
    /// Who may see it.
    pub secrecy: Secrecy,
    /// Whether a change is taken up without a restart.
    pub live: bool,
    meaning: &'static str,
    check: Check,
}

type Check = fn(&Setting, &Raw, &Path) -> Result<(), Wrong>;

impl Setting {
    /// The start of a declaration; `describe` completes it.
    pub(in crate::config) const fn with(fallback: Fallback) -> Self {
        Self {
            key: "",
            kind: <bool as Value>::KIND,
            fallback,
            reason: "",
            example: match fallback {
                Fallback::Given(default) => default,
                Fallback::Follows(_) | Fallback::Unset(_) => "",
            },
            bounds: None,
            secrecy: Secrecy::Plain,
            live: false,
            meaning: "",
            check: |_, _, _| Ok(()),
        }
    }

    pub(in crate::config) const fn because(self, reason: &'static str) -> Self {
        Self { reason, ..self }
    }

    pub(in crate::config) const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    pub(in crate::config) const fn between(self, least: &'static str, most: &'static str) -> Self {
        Self {
            bounds: Some((least, most)),
            ..self
        }
    }

    pub(in crate::config) const fn hidden(self) -> Self {
        Self {
            secrecy: Secrecy::Hidden,
            ..self
        }
    }

    pub(in crate::config) const fn address(self) -> Self {
        Self {
            secrecy: Secrecy::Address,
            ..self
        }
    }

    pub(in crate::config) const fn secret(self) -> Self {
        Self {
            secrecy: Secrecy::Secret,
            ..self
        }
    }

    pub(in crate::config) const fn live(self) -> Self {
        Self { live: true, ..self }
    }

    /// Adds what the `group!` macro knows: the key, the doc comment and the type.
    pub(in crate::config) const fn describe<T: Value>(
        self,
        key: &'static str,
        meaning: &'static str,
    ) -> Self {
        let check: Check = |setting, raw, base| setting.parse::<T>(raw, base).map(drop);
        Self {
            key,
            meaning,
            kind: T::KIND,
            check,
            ..self
        }
    }

    /// What the setting does, in one or more sentences.
    pub fn meaning(&self) -> &'static str {
        self.meaning.trim()
    }

    /// The one environment variable that sets it: the key in capitals, each dot an underscore.
    /// Settings of a repeated group (`[[audiences]]`) have none: see the field `repeated` of [`Group`].
    pub fn variable(&self) -> String {
        format!("COUNTERSIGN_{}", self.key.replace('.', "_").to_uppercase())
    }

    /// Whether a value is a secret that may stand in an environment variable only.
    pub(in crate::config) fn is_secret(&self, raw: &Raw) -> bool {
        match self.secrecy {
            Secrecy::Secret => true,
            Secrecy::Address => holds_password(&raw.show()),
            Secrecy::Plain | Secrecy::Hidden => false,
        }
    }

    /// Says whether a value, written as in an environment variable, is right for this setting.
    pub fn accepts(&self, text: &str) -> Result<(), Wrong> {
        (self.check)(self, &Raw::untyped(text), Path::new(""))
    }

    /// Parses a value and holds it against the bounds.
    pub(in crate::config) fn parse<T: Value>(&self, raw: &Raw, base: &Path) -> Result<T, Wrong> {
        let value = T::read(raw, base)?;
        if let (Some((least, most)), Some(size)) = (self.bounds, value.measure()) {
            let bound = |text: &str| T::read(&Raw::untyped(text), base).map(|v| v.measure());
            if bound(least)?.is_some_and(|least| size < least)
                || bound(most)?.is_some_and(|most| size > most)
            {
                return Err(Wrong::OutOfBounds { least, most });
            }
        }
        Ok(value)
    }
}

/// The settings that share a table of the file.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The table's path, such as `http.tls`; empty for the settings above all tables.
    pub path: &'static str,
    /// Whether the file holds a list of such tables (`[[audiences]]`). These settings have no
    /// environment variable and no flag, because neither could say which entry it means.
    pub repeated: bool,
    /// The settings, in the order in which they are documented.
    pub settings: &'static [Setting],
    about: &'static str,
}

impl Group {
    pub(in crate::config) const fn new(
        path: &'static str,
        about: &'static str,
        settings: &'static [Setting],
    ) -> Self {
        Self {
            path,
            repeated: false,
            settings,
            about,
        }
    }

    pub(in crate::config) const fn repeated(self) -> Self {
        Self {
            repeated: true,
            ..self
        }
    }

    /// What the group is about, in one or two sentences.
    pub fn about(&self) -> &'static str {
        self.about.trim()
    }
}

/// A default that is always the same.
pub(in crate::config) const fn given(value: &'static str) -> Setting {
    Setting::with(Fallback::Given(value))
}

/// A default that follows from other settings; `derive.rs` works it out.
pub(in crate::config) const fn follows(what: &'static str) -> Setting {
    Setting::with(Fallback::Follows(what))
}

/// No default; the text says what its absence means.
pub(in crate::config) const fn unset(meaning: &'static str) -> Setting {
    Setting::with(Fallback::Unset(meaning))
}
