//! Reads a document field by field into the types of the domain. What does not fit is `Corrupt`; the
//! message names the field and never the value.

use std::str::FromStr;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::time::Timestamp;
use countersign_token::{Scope, Scopes};
use mongodb::bson::{Bson, Document};
use uuid::Uuid;

/// A document to read.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'d>(&'d Document);

/// The complaint about a field.
pub(crate) fn corrupt(name: &str) -> StoreError {
    StoreError::Corrupt(format!("the field {name} can't be read"))
}

impl<'d> Fields<'d> {
    pub fn of(document: &'d Document) -> Self {
        Self(document)
    }

    fn value(self, name: &str) -> Option<&'d Bson> {
        self.0
            .get(name)
            .filter(|value| !matches!(value, Bson::Null))
    }

    pub fn text_or_none(self, name: &str) -> StoreResult<Option<&'d str>> {
        match self.value(name) {
            None => Ok(None),
            Some(Bson::String(text)) => Ok(Some(text)),
            Some(_) => Err(corrupt(name)),
        }
    }

    pub fn text(self, name: &str) -> StoreResult<&'d str> {
        self.text_or_none(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn parsed_or_none<T: FromStr>(self, name: &str) -> StoreResult<Option<T>> {
        match self.text_or_none(name)? {
            Some(text) => text.parse().map(Some).map_err(|_| corrupt(name)),
            None => Ok(None),
        }
    }

    pub fn parsed<T: FromStr>(self, name: &str) -> StoreResult<T> {
        self.parsed_or_none(name)?.ok_or_else(|| corrupt(name))
    }

    /// A text that `read` understands.
    pub fn named<T>(self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> StoreResult<T> {
        read(self.text(name)?).ok_or_else(|| corrupt(name))
    }

    pub fn texts_or_none(self, name: &str) -> StoreResult<Option<Vec<&'d str>>> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        let texts = value.as_array().map(|list| list.iter().map(Bson::as_str));
        let texts = texts.and_then(Iterator::collect);
        texts.map(Some).ok_or_else(|| corrupt(name))
    }

    pub fn texts(self, name: &str) -> StoreResult<Vec<&'d str>> {
        self.texts_or_none(name)?.ok_or_else(|| corrupt(name))
    }

    /// A set of scopes of any size: what was stored is read back, whatever the parser of requests
    /// would say.
    pub fn scopes_or_none(self, name: &str) -> StoreResult<Option<Scopes>> {
        let Some(names) = self.texts_or_none(name)? else {
            return Ok(None);
        };
        let scopes: Result<_, _> = names.into_iter().map(Scope::from_str).collect();
        scopes.map(Some).map_err(|_| corrupt(name))
    }

    pub fn scopes(self, name: &str) -> StoreResult<Scopes> {
        self.scopes_or_none(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn flag(self, name: &str) -> StoreResult<bool> {
        let value = self.value(name).and_then(Bson::as_bool);
        value.ok_or_else(|| corrupt(name))
    }

    pub fn integer_or_none(self, name: &str) -> StoreResult<Option<i64>> {
        match self.value(name) {
            None => Ok(None),
            Some(Bson::Int64(number)) => Ok(Some(*number)),
            Some(Bson::Int32(number)) => Ok(Some(i64::from(*number))),
            Some(_) => Err(corrupt(name)),
        }
    }

    /// A number that fits into `T`.
    pub fn number<T: TryFrom<i64>>(self, name: &str) -> StoreResult<T> {
        let number = self.integer_or_none(name)?.map(T::try_from);
        number.and_then(Result::ok).ok_or_else(|| corrupt(name))
    }

    pub fn moment_or_none(self, name: &str) -> StoreResult<Option<Timestamp>> {
        Ok(self.integer_or_none(name)?.map(Timestamp::from_millis))
    }

    pub fn moment(self, name: &str) -> StoreResult<Timestamp> {
        self.moment_or_none(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn blob(self, name: &str) -> StoreResult<&'d [u8]> {
        match self.value(name) {
            Some(Bson::Binary(binary)) => Ok(&binary.bytes),
            _ => Err(corrupt(name)),
        }
    }

    pub fn bytes_or_none<const N: usize>(self, name: &str) -> StoreResult<Option<[u8; N]>> {
        match self.value(name) {
            None => Ok(None),
            Some(Bson::Binary(binary)) => {
                let bytes = binary.bytes.as_slice().try_into();
                bytes.map(Some).map_err(|_| corrupt(name))
            }
            Some(_) => Err(corrupt(name)),
        }
    }

    pub fn bytes<const N: usize>(self, name: &str) -> StoreResult<[u8; N]> {
        self.bytes_or_none(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn id_or_none(self, name: &str) -> StoreResult<Option<Uuid>> {
        Ok(self.bytes_or_none(name)?.map(Uuid::from_bytes))
    }

    pub fn id(self, name: &str) -> StoreResult<Uuid> {
        Ok(Uuid::from_bytes(self.bytes(name)?))
    }

    /// A document within.
    pub fn within(self, name: &str) -> StoreResult<Fields<'d>> {
        let within = self.value(name).and_then(Bson::as_document);
        within.map(Fields).ok_or_else(|| corrupt(name))
    }

    /// The documents of an array.
    pub fn each(self, name: &str) -> StoreResult<Vec<Fields<'d>>> {
        let each = self.value(name).and_then(Bson::as_array);
        let each = each.map(|list| list.iter().map(|item| item.as_document().map(Fields)));
        let each = each.and_then(Iterator::collect);
        each.ok_or_else(|| corrupt(name))
    }
}
