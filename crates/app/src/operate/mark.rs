//! The mark that a copy leaves in its target until it is finished: where it comes from, and how far
//! it got.

use serde::{Deserialize, Serialize};

use crate::ports::store_admin::RecordKind;

/// The one form of the mark that this program writes and reads.
const FORMAT: u32 = 1;

/// The mark of an unfinished copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    format: u32,
    /// The name of the source.
    pub source: String,
    /// The kind that is being copied, by its name; `None` when all are copied and the two sides are
    /// to be compared.
    kind: Option<String>,
    /// Where to read on in the source.
    pub after: Option<String>,
    /// How many records of the kind were copied.
    pub done: u64,
}

impl Mark {
    /// A copy that begins.
    pub fn beginning(source: &str) -> Self {
        Self::at(source, RecordKind::ALL.first().copied(), None, 0)
    }

    /// A copy that got so far.
    pub fn at(source: &str, kind: Option<RecordKind>, after: Option<String>, done: u64) -> Self {
        Self {
            format: FORMAT,
            source: source.to_owned(),
            kind: kind.map(|kind| kind.as_str().to_owned()),
            after,
            done,
        }
    }

    /// The kinds that are not copied yet, the one that is begun first.
    pub fn kinds_left(&self) -> &'static [RecordKind] {
        let place = self.kind.as_deref().and_then(|name| {
            RecordKind::ALL
                .iter()
                .position(|kind| kind.as_str() == name)
        });
        // INVARIANT: a position lies within the list.
        place.and_then(|place| ALL.get(place..)).unwrap_or_default()
    }

    /// As it is kept.
    pub fn to_text(&self) -> String {
        // Plain fields can't fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads it back; `None` if another program, or another release, wrote it.
    pub fn from_text(text: &str) -> Option<Self> {
        let mark: Self = serde_json::from_str(text).ok()?;
        let is_known = |name: &String| ALL.iter().any(|kind| kind.as_str() == name);
        let readable = mark.format == FORMAT && mark.kind.iter().all(is_known);
        readable.then_some(mark)
    }

    /// The name of the source for a message, whoever wrote the mark.
    pub fn source_of(text: &str) -> String {
        #[derive(Deserialize)]
        struct Named {
            source: String,
        }
        serde_json::from_str(text).map_or_else(
            |_| "an unknown place".to_owned(),
            |named: Named| named.source,
        )
    }
}

static ALL: [RecordKind; 7] = RecordKind::ALL;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_survives_its_text() {
        let mark = Mark::at(
            "file:/a \"b\"",
            Some(RecordKind::Session),
            Some("x".to_owned()),
            7,
        );
        assert_eq!(Mark::from_text(&mark.to_text()), Some(mark.clone()));
        assert_eq!(Mark::source_of(&mark.to_text()), "file:/a \"b\"");
    }

    #[test]
    fn the_kinds_left_begin_with_the_one_at_work() {
        let left = |kind| Mark::at("x", kind, None, 0).kinds_left();
        assert_eq!(left(Some(RecordKind::Role)), RecordKind::ALL);
        assert_eq!(
            left(Some(RecordKind::AuditEvent)),
            [RecordKind::AuditEvent, RecordKind::Keys]
        );
        assert_eq!(left(None), []);
    }

    #[test]
    fn a_mark_of_another_release_is_not_guessed_at() {
        let mark = Mark::beginning("x").to_text();
        assert_eq!(Mark::from_text(&mark.replace(":1,", ":2,")), None);
        assert_eq!(Mark::from_text(&mark.replace("roles", "rules")), None);
        assert_eq!(Mark::from_text("nonsense"), None);
        assert_eq!(Mark::source_of("nonsense"), "an unknown place");
    }
}
