//! The settings in force, for people to look at: each with its value and where that came from.

use super::layers::Layers;
use super::place::Place;
use super::setting::{Fallback, Secrecy};
use super::table;
use super::value::masked;

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// Its key; settings of the second `[[audiences]]` table begin with `audiences[1]`.
    pub key: String,
    /// Its value as it was written; `(hidden)` for whatever is or may hold a secret.
    pub value: String,
    /// Where that came from.
    pub place: Place,
}

/// Every setting in force, in the order of the reference.
pub(in crate::config) fn effective(layers: &Layers) -> Vec<Effective> {
    let mut list = Vec::new();
    for (group, setting) in table::settings() {
        if !group.repeated {
            list.extend(show(layers, setting.key, setting.key.to_owned()));
            continue;
        }
        for (index, (_, table)) in layers.audiences.iter().enumerate() {
            let place = format!("{}[{index}]", group.path);
            list.extend(show(
                table,
                setting.key,
                setting.key.replacen(group.path, &place, 1),
            ));
        }
    }
    list
}

fn show(layers: &Layers, key: &str, called: String) -> Option<Effective> {
    let (_, setting) = table::find(key)?;
    let (value, place) = match (layers.strongest(key), setting.secrecy, setting.fallback) {
        (Some(entry), Secrecy::Plain, _) => (entry.raw.show(), entry.place.clone()),
        (Some(entry), Secrecy::Hidden, _) if !entry.place.is_written() => {
            (entry.raw.show(), entry.place.clone())
        }
        (Some(entry), Secrecy::Address, _) => (masked(&entry.raw.show()), entry.place.clone()),
        (Some(entry), _, _) => ("(hidden)".to_owned(), entry.place.clone()),
        (None, _, Fallback::Unset(meaning)) => (format!("(not set: {meaning})"), Place::Default),
        (None, _, _) => ("(not set)".to_owned(), Place::Default),
    };
    Some(Effective {
        key: called,
        value,
        place,
    })
}
