//! Turns what the sources say into typed values, and keeps a note of everything that is wrong
//! instead of stopping at the first.

use std::path::Path;

use super::error::{ConfigError, Fault};
use super::layers::{Entry, Layers};
use super::setting::{Secrecy, Setting};
use super::spelling::written_like;
use super::suggest::nearest;
use super::table;
use super::value::{Value, Wrong};

/// Reads typed values from the layers.
pub(in crate::config) struct Reader<'a> {
    layers: &'a Layers,
    base: &'a Path,
    /// What is wrong with values that somebody wrote.
    pub(in crate::config) errors: Vec<ConfigError>,
    /// What is wrong with defaults that followed from a bad value; noise beside its own error.
    pub(in crate::config) consequences: Vec<ConfigError>,
}

impl<'a> Reader<'a> {
    /// A reader of these layers; relative paths start at `base`.
    pub(in crate::config) fn new(layers: &'a Layers, base: &'a Path) -> Self {
        Self {
            layers,
            base,
            errors: Vec::new(),
            consequences: Vec::new(),
        }
    }

    /// The strongest good value of a setting. Every bad one is noted, hidden ones too.
    pub(in crate::config) fn take<T: Value>(&mut self, key: &'static str) -> Option<T> {
        let (_, setting) = table::find(key)?;
        let mut strongest = T::absent();
        for entry in self.layers.all(key) {
            match setting.parse(&entry.raw, self.base) {
                Ok(value) => strongest = Some(value),
                Err(wrong) => self.note(bad_value(setting, entry, wrong)),
            }
        }
        if strongest.is_none() && self.layers.all(key).is_empty() {
            let place = self.layers.place(key);
            let fix = written_like(setting, &place);
            self.note(ConfigError {
                key: Some(key.to_owned()),
                place,
                fault: Fault::Missing,
                fix,
            });
        }
        strongest
    }

    fn note(&mut self, error: ConfigError) {
        if error.place.is_written() || error.fault == Fault::Missing {
            self.errors.push(error);
        } else {
            self.consequences.push(error);
        }
    }
}

fn bad_value(setting: &Setting, entry: &Entry, wrong: Wrong) -> ConfigError {
    let shown = entry.raw.show();
    // A URL in the wrong place may hold a password before its `@`.
    let hide = setting.secrecy != Secrecy::Plain || shown.contains('@');
    let told = matches!(wrong, Wrong::Empty | Wrong::Shape { .. });
    let meant = match &wrong {
        Wrong::Choice(choices) if !hide => nearest(&shown, choices.iter().copied()),
        _ => None,
    };
    let fix = match meant {
        Some(meant) => format!("did you mean {meant}?"),
        None if setting.secrecy == Secrecy::Secret => "set the variable to the secret".to_owned(),
        None => format!("write it like {}", written_like(setting, &entry.place)),
    };
    let value = (!hide && !told).then_some(shown);
    ConfigError {
        key: Some(setting.key.to_owned()),
        place: entry.place.clone(),
        fault: Fault::BadValue { wrong, value },
        fix,
    }
}
