//! Finds names that stand in a file twice, in little memory: of each name a keyed 64-bit hash and
//! its line are kept. The key is fresh each time, so nobody can prepare a file whose names collide;
//! among a million names the odds of a chance collision are one in ten million.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher as _;

use countersign_app::admin::ImportEntry;
use countersign_domain::email::EmailAddress;
use countersign_domain::names::Username;

use super::Field;
use super::problem::Problem;

/// The names seen so far.
#[derive(Default)]
pub(super) struct Duplicates {
    hasher: RandomState,
    lines: HashMap<u64, u32>,
}

impl Duplicates {
    /// Notes the names of a line, and gives what an earlier line has too.
    pub(super) fn note(&mut self, entry: &ImportEntry) -> Vec<Problem> {
        let id = entry.id.map(|id| id.to_string());
        [
            (Field::Id, id.as_deref()),
            (
                Field::Username,
                entry.username.as_ref().map(Username::as_str),
            ),
            (Field::Email, entry.email.as_ref().map(EmailAddress::key)),
        ]
        .into_iter()
        .filter_map(|(field, name)| self.note_one(entry.line, field, name?))
        .collect()
    }

    fn note_one(&mut self, line: u64, field: Field, name: &str) -> Option<Problem> {
        match self.lines.entry(self.hasher.hash_one((field.name(), name))) {
            Entry::Occupied(earlier) => Some(Problem::duplicate(
                line,
                field.name(),
                u64::from(*earlier.get()),
            )),
            Entry::Vacant(place) => {
                place.insert(u32::try_from(line).unwrap_or(u32::MAX));
                None
            }
        }
    }
}
