//! Reads an item attribute by attribute into the types of the domain, and writes them. What does
//! not fit is `Corrupt`; the message names the attribute and never the value.

use std::str::FromStr;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::time::Timestamp;
use countersign_token::{Scope, Scopes};
use uuid::Uuid;

use crate::layout::{Item, Key};

/// What is over and cleared away by the service itself stays this long: an operator's own clearing
/// away comes first, and finds what it counts.
const KEPT_AFTER_END: i64 = 30 * 24 * 60 * 60;

/// One item.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'i>(pub &'i Item);

fn corrupt(name: &str) -> StoreError {
    StoreError::Corrupt(format!("the attribute {name} can't be read"))
}

impl<'i> Cells<'i> {
    pub fn text_or_null(self, name: &str) -> StoreResult<Option<&'i str>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(text)),
            Some(_) => Err(corrupt(name)),
        }
    }

    pub fn text(self, name: &str) -> StoreResult<&'i str> {
        self.text_or_null(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn parsed_or_null<T: FromStr>(self, name: &str) -> StoreResult<Option<T>> {
        let text = self.text_or_null(name)?;
        text.map(|text| text.parse().map_err(|_| corrupt(name)))
            .transpose()
    }

    pub fn parsed<T: FromStr>(self, name: &str) -> StoreResult<T> {
        self.parsed_or_null(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn named<T>(self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> StoreResult<T> {
        read(self.text(name)?).ok_or_else(|| corrupt(name))
    }

    pub fn number_or_null<T: FromStr>(self, name: &str) -> StoreResult<Option<T>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::N(number)) => number.parse().map(Some).map_err(|_| corrupt(name)),
            Some(_) => Err(corrupt(name)),
        }
    }

    pub fn number<T: FromStr>(self, name: &str) -> StoreResult<T> {
        self.number_or_null(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn moment_or_null(self, name: &str) -> StoreResult<Option<Timestamp>> {
        Ok(self.number_or_null(name)?.map(Timestamp::from_millis))
    }

    pub fn moment(self, name: &str) -> StoreResult<Timestamp> {
        self.moment_or_null(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn flag(self, name: &str) -> StoreResult<bool> {
        match self.0.get(name) {
            Some(AttributeValue::Bool(flag)) => Ok(*flag),
            _ => Err(corrupt(name)),
        }
    }

    pub fn bytes_or_null<const N: usize>(self, name: &str) -> StoreResult<Option<[u8; N]>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::B(blob)) => {
                let bytes = blob.as_ref().try_into();
                bytes.map(Some).map_err(|_| corrupt(name))
            }
            Some(_) => Err(corrupt(name)),
        }
    }

    pub fn bytes<const N: usize>(self, name: &str) -> StoreResult<[u8; N]> {
        self.bytes_or_null(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn id_or_null(self, name: &str) -> StoreResult<Option<Uuid>> {
        let text = self.text_or_null(name)?;
        text.map(|text| Uuid::try_parse(text).map_err(|_| corrupt(name)))
            .transpose()
    }

    pub fn id(self, name: &str) -> StoreResult<Uuid> {
        self.id_or_null(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn scopes_or_null(self, name: &str) -> StoreResult<Option<Scopes>> {
        let text = self.text_or_null(name)?;
        text.map(|text| scopes(text).ok_or_else(|| corrupt(name)))
            .transpose()
    }

    pub fn scopes(self, name: &str) -> StoreResult<Scopes> {
        self.scopes_or_null(name)?.ok_or_else(|| corrupt(name))
    }

    pub fn json<T>(self, name: &str, read: impl FnOnce(&str) -> Option<T>) -> StoreResult<T> {
        read(self.text(name)?).ok_or_else(|| corrupt(name))
    }
}

/// Reads scopes separated by spaces: more of them than a request may list.
pub(crate) fn scopes(text: &str) -> Option<Scopes> {
    let names = text.split(' ').filter(|name| !name.is_empty());
    names.map(Scope::from_str).collect::<Result<_, _>>().ok()
}

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n<T: Copy + ToString>(number: T) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn at(moment: Timestamp) -> AttributeValue {
    n(moment.as_millis())
}

pub(crate) fn b(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

/// An item in the making.
pub(crate) struct Row(Item);

impl Row {
    /// An item of a kind under a key.
    pub fn new(key: &Key, kind: &str) -> Self {
        let mut item = key.item();
        item.insert("kind".to_owned(), s(kind));
        Self(item)
    }

    pub fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    pub fn maybe(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Makes the item known to the index of what is over, and to the service's own clearing away.
    pub fn over(self, partition: String, end: Timestamp) -> Self {
        self.with("over", s(partition))
            .with("over_at", at(end))
            .expiring(end)
    }

    /// Makes it known to the service's own clearing away alone.
    pub fn expiring(self, end: Timestamp) -> Self {
        self.maybe("ttl", ttl(end))
    }

    pub fn item(self) -> Item {
        self.0
    }
}

/// When the service may delete what ends at a moment; `None` for what lies beyond all calendars.
pub(crate) fn ttl(end: Timestamp) -> Option<AttributeValue> {
    let seconds = end.as_seconds().checked_add(KEPT_AFTER_END)?;
    // The year 9999 and the beginning of the calendar: the service ignores what lies far off.
    (0..=253_402_300_799).contains(&seconds).then(|| n(seconds))
}
