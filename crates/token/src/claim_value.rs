//! The value of one claim, kept as far as some profile can use it: a text, a list of texts, or
//! something else, of which nothing is kept but that it stood there.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::json::Skip;
use crate::rejection::Rejection;

/// The value of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClaimValue<'a> {
    Text(Cow<'a, str>),
    /// An array of strings and nothing else.
    List(Vec<Cow<'a, str>>),
    Other,
}

impl<'a> ClaimValue<'a> {
    /// A text that is not empty, or the claim `name` is malformed.
    pub(crate) fn text(self, name: &'static str) -> Result<Cow<'a, str>, Rejection> {
        match self {
            Self::Text(text) if !text.is_empty() => Ok(text),
            _ => Err(Rejection::MalformedClaim(name)),
        }
    }

    /// A list of texts, or the claim `name` is malformed.
    pub(crate) fn list(self, name: &'static str) -> Result<Vec<Cow<'a, str>>, Rejection> {
        match self {
            Self::List(list) => Ok(list),
            _ => Err(Rejection::MalformedClaim(name)),
        }
    }

    /// One text or a list of them, or the claim `name` is malformed.
    pub(crate) fn one_or_several(self, name: &'static str) -> Result<Vec<Cow<'a, str>>, Rejection> {
        match self {
            Self::Text(text) => Ok(vec![text]),
            other => other.list(name),
        }
    }

    /// Whether it is this text.
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self, Self::Text(own) if own == text)
    }
}

/// Reads a [`ClaimValue`], as strictly as [`Skip`] passes over one.
pub(crate) struct Reader<'a>(pub(crate) Skip<'a>);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = ClaimValue<'de>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<ClaimValue<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = ClaimValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<ClaimValue<'de>, E> {
        Ok(ClaimValue::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<ClaimValue<'de>, E> {
        Ok(ClaimValue::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, _: bool) -> Result<ClaimValue<'de>, E> {
        Ok(ClaimValue::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<ClaimValue<'de>, E> {
        Ok(ClaimValue::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<ClaimValue<'de>, E> {
        Ok(ClaimValue::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<ClaimValue<'de>, E> {
        Ok(ClaimValue::Other)
    }

    fn visit_unit<E>(self) -> Result<ClaimValue<'de>, E> {
        Ok(ClaimValue::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ClaimValue<'de>, A::Error> {
        let inside = self.0.inside()?;
        let mut texts = Some(Vec::new());
        while let Some(item) = seq.next_element_seed(Reader(inside))? {
            match (item, &mut texts) {
                (ClaimValue::Text(text), Some(texts)) => texts.push(text),
                _ => texts = None,
            }
        }
        Ok(texts.map_or(ClaimValue::Other, ClaimValue::List))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ClaimValue<'de>, A::Error> {
        self.0.visit_map(map)?;
        Ok(ClaimValue::Other)
    }
}
