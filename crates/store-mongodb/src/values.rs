//! How values of the domain stand in documents: ids as binary UUIDs (which sort by their bytes), times
//! as 64-bit milliseconds (the domain's range is wider than that of a BSON date), hashes as bytes,
//! names as texts, sets as arrays. What is absent is left out: no field holds null.
//!
//! Everything that came from outside becomes a *value* here. No field name, operator or piece of a
//! query is ever made of it, so a name such as `$ne` is a name.

use countersign_domain::time::Timestamp;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, Document};
use uuid::Uuid;

/// An id.
pub(crate) fn id(id: &Uuid) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Uuid,
        bytes: id.as_bytes().to_vec(),
    })
}

/// Bytes.
pub(crate) fn bytes(bytes: &[u8]) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Generic,
        bytes: bytes.to_vec(),
    })
}

/// A moment.
pub(crate) fn moment(moment: Timestamp) -> Bson {
    Bson::Int64(moment.as_millis())
}

/// A set or list of texts.
pub(crate) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Bson {
    Bson::Array(texts.into_iter().map(Bson::from).collect())
}

/// A number that is never negative; one beyond the range of the store counts as the greatest.
pub(crate) fn number(number: u64) -> Bson {
    Bson::Int64(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Puts a field into a document if there is something to put.
pub(crate) fn put(document: &mut Document, name: &str, value: Option<impl Into<Bson>>) {
    if let Some(value) = value {
        document.insert(name, value);
    }
}
