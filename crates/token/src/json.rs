//! JSON from strangers: every object is read with its members told apart, so that two readers can't
//! see two different values (RFC 7515 §4, RFC 8725 §2.4), and to a bounded depth.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Deepest nesting of arrays and objects that is read; what is used here needs three.
pub(crate) const MAX_DEPTH: u8 = 8;

/// What is wrong beyond plain syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not JSON, not UTF-8, or something after the value.
    Syntax,
    /// An object names a member twice.
    Duplicate,
    /// Arrays or objects nest deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// Reads one JSON value that fills `bytes`.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    let fault = Cell::new(Fault::Syntax);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict::new(&fault)
        .deserialize(&mut reader)
        .map_err(|_| fault.get())?;
    reader.end().map_err(|_| Fault::Syntax)?;
    Ok(value)
}

/// Reads any value strictly; a fault that serde can't name is left in the cell.
#[derive(Clone, Copy)]
pub(crate) struct Strict<'a> {
    depth_left: u8,
    fault: &'a Cell<Fault>,
}

impl<'a> Strict<'a> {
    /// A reader for a value at the top.
    pub(crate) fn new(fault: &'a Cell<Fault>) -> Self {
        Self {
            depth_left: MAX_DEPTH,
            fault,
        }
    }

    fn fail<E: de::Error>(self, fault: Fault) -> E {
        self.fault.set(fault);
        E::custom("refused")
    }

    fn inside<E: de::Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left, ..self }),
            None => Err(self.fail(Fault::TooDeep)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inside)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(self.fail(Fault::Duplicate));
            }
            members.insert(name, map.next_value_seed(inside)?);
        }
        Ok(Value::Object(members))
    }
}

/// Passes over any value as strictly as [`Strict`] reads it, and keeps nothing.
#[derive(Clone, Copy)]
pub(crate) struct Skip<'a>(Strict<'a>);

impl<'a> Skip<'a> {
    /// For the value of a member of the object at the top.
    pub(crate) fn member(fault: &'a Cell<Fault>) -> Self {
        Self(Strict {
            depth_left: MAX_DEPTH - 1,
            fault,
        })
    }

    /// For the items of an array that is the value of such a member.
    pub(crate) fn inside<E: de::Error>(self) -> Result<Self, E> {
        self.0.inside().map(Self)
    }
}

impl<'de> DeserializeSeed<'de> for Skip<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while seq.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut names = Names::default();
        while let Some(Text(name)) = map.next_key()? {
            if !names.insert(name) {
                return Err(self.0.fail(Fault::Duplicate));
            }
            map.next_value_seed(inside)?;
        }
        Ok(())
    }
}

/// A string, borrowed from the document wherever it is written without an escape.
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

/// How many names are compared one by one before a tree is worth its while.
const FEW_NAMES: usize = 16;

/// The names that an object has used so far.
#[derive(Default)]
pub(crate) struct Names<'a> {
    few: Vec<Cow<'a, str>>,
    more: BTreeSet<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    /// Adds a name; tells whether it is new.
    pub(crate) fn insert(&mut self, name: Cow<'a, str>) -> bool {
        if self.few.contains(&name) {
            return false;
        }
        if self.few.len() < FEW_NAMES {
            self.few.push(name);
            return true;
        }
        self.more.insert(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_stand() {
        let text = r#"{"a":[1,-2,0.5,true,null,"x"],"b":{"c":{}}}"#;
        assert_eq!(
            parse(text.as_bytes()).unwrap(),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }

    /// Passes over a document that is the value of a member.
    fn skip(text: &str) -> Result<(), Fault> {
        let fault = Cell::new(Fault::Syntax);
        let mut reader = serde_json::Deserializer::from_str(text);
        Skip::member(&fault)
            .deserialize(&mut reader)
            .map_err(|_| fault.get())?;
        reader.end().map_err(|_| Fault::Syntax)
    }

    #[test]
    fn what_is_passed_over_is_as_strict_as_what_is_read() {
        let many: Vec<String> = (0..40)
            .map(|index| format!(r#""m{index}":{index}"#))
            .collect();
        let many = many.join(",");
        for text in [
            r#"{"a":[1,-2,0.5,true,null,"x"],"b":{"c":{}}}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"[{"b":{"a":1,"a":1}}]"#,
            &format!("{{{many}}}"),
            &format!(r#"{{{many},"m39":0}}"#),
            &format!(r#"{{{many},"m3":0}}"#),
            "[[[[[[[]]]]]]]",
            "[[[[[[[[[]]]]]]]]]",
            "[1e999]",
            "{",
            "{}x",
        ] {
            assert_eq!(skip(text), parse(text.as_bytes()).map(drop), "{text}");
        }
        // One level is used up by the object that the value stands in.
        assert_eq!(skip("[[[[[[[[]]]]]]]]"), Err(Fault::TooDeep));
    }

    #[test]
    fn duplicates_depth_and_rubbish_are_refused() {
        assert_eq!(parse(br#"{"a":1,"a":1}"#), Err(Fault::Duplicate));
        assert_eq!(parse(br#"{"a":1,"\u0061":2}"#), Err(Fault::Duplicate));
        assert_eq!(parse(br#"[{"b":{"a":1,"a":1}}]"#), Err(Fault::Duplicate));
        assert_eq!(parse(b"[[[[[[[[[]]]]]]]]]"), Err(Fault::TooDeep));
        assert!(parse(b"[[[[[[[[]]]]]]]]").is_ok());
        assert_eq!(parse("[".repeat(100_000).as_bytes()), Err(Fault::TooDeep));
        for bad in [
            "",
            "{",
            "{} {}",
            "{}x",
            "{'a':1}",
            "[1e999]",
            "[NaN]",
            "\u{feff}{}",
        ] {
            assert_eq!(parse(bad.as_bytes()), Err(Fault::Syntax), "{bad}");
        }
        assert_eq!(parse(b"\"\xff\""), Err(Fault::Syntax));
    }
}
