//! What the sources say, one upon the other: for each key every value that was written, the
//! strongest last. Nothing is dropped, so that a bad value is reported even where a stronger
//! source hides it.

use std::collections::BTreeMap;

use super::place::Place;
use super::raw::Raw;
use super::setting::{Fallback, Setting};
use super::table;

/// One value and where it was written.
#[derive(Debug, Clone)]
pub(in crate::config) struct Entry {
    pub(in crate::config) raw: Raw,
    pub(in crate::config) place: Place,
}

/// Everything that was written.
#[derive(Debug, Clone, Default)]
pub(in crate::config) struct Layers {
    entries: BTreeMap<&'static str, Vec<Entry>>,
    /// The `[[audiences]]` tables, each with where it begins.
    pub(in crate::config) audiences: Vec<(Place, Layers)>,
    /// Whether the process is a function on AWS Lambda.
    pub(in crate::config) on_lambda: bool,
}

impl Layers {
    /// The built-in defaults.
    pub(in crate::config) fn defaults() -> Self {
        let mut layers = Self::default();
        for (group, setting) in table::settings() {
            if let (false, Fallback::Given(value)) = (group.repeated, setting.fallback) {
                layers.push(setting, Raw::untyped(value), Place::Default);
            }
        }
        layers
    }

    /// Lays a value on top of what is there.
    pub(in crate::config) fn push(&mut self, setting: &Setting, raw: Raw, place: Place) {
        self.entries
            .entry(setting.key)
            .or_default()
            .push(Entry { raw, place });
    }

    /// Lays a value beneath what is there: a default that follows from other settings.
    pub(in crate::config) fn underlay(&mut self, setting: &Setting, raw: Raw, place: Place) {
        self.entries
            .entry(setting.key)
            .or_default()
            .insert(0, Entry { raw, place });
    }

    /// Every value of a key, the strongest last.
    pub(in crate::config) fn all(&self, key: &str) -> &[Entry] {
        self.entries.get(key).map_or(&[], Vec::as_slice)
    }

    /// The value that counts.
    pub(in crate::config) fn strongest(&self, key: &str) -> Option<&Entry> {
        self.all(key).last()
    }

    /// Whether somebody wrote a value.
    pub(in crate::config) fn is_written(&self, key: &str) -> bool {
        self.strongest(key)
            .is_some_and(|entry| entry.place.is_written())
    }

    /// Where the value that counts came from.
    pub(in crate::config) fn place(&self, key: &str) -> Place {
        self.strongest(key)
            .map_or(Place::Default, |entry| entry.place.clone())
    }
}
