//! One value as the file has it, before it is understood.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// One value. Empty cells of CSV and `null` are no values.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Nothing,
    Text(String),
    Flag(bool),
    List(Vec<String>),
    /// A number, an object, or a list of something else than texts.
    Other,
}

impl Cell {
    /// A cell of CSV.
    pub(super) fn from_csv(text: &str) -> Self {
        if text.is_empty() {
            Self::Nothing
        } else {
            Self::Text(text.to_owned())
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyCell)
    }
}

struct AnyCell;

impl<'de> Visitor<'de> for AnyCell {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Nothing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Cell, E> {
        Ok(Cell::Flag(flag))
    }

    fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
        Ok(Cell::Text(text.to_owned()))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Cell, E> {
        Ok(Cell::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Cell, E> {
        Ok(Cell::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Cell, E> {
        Ok(Cell::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Cell, A::Error> {
        let mut texts = Vec::new();
        let mut is_other = false;
        while let Some(part) = parts.next_element::<Cell>()? {
            match part {
                Cell::Text(text) => texts.push(text),
                _ => is_other = true,
            }
        }
        Ok(if is_other {
            Cell::Other
        } else {
            Cell::List(texts)
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Cell, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Other)
    }
}

/// The members of one JSON object in their order, repeated ones included.
pub(super) struct Members(pub(super) Vec<(String, Cell)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnyMembers)
    }
}

struct AnyMembers;

impl<'de> Visitor<'de> for AnyMembers {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Members, A::Error> {
        let mut list = Vec::new();
        while let Some((name, value)) = members.next_entry()? {
            if list.len() > super::Field::ALL.len() * 4 {
                return Err(de::Error::custom("it has too many members"));
            }
            list.push((name, value));
        }
        Ok(Members(list))
    }
}
