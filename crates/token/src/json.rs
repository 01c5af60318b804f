//! JSON from strangers: every object is read with its members told apart, so that two readers can't
//! see two different values (RFC 7515 §4, RFC 8725 §2.4), and to a bounded depth.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
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

    /// A reader for the value of a member of the object at the top.
    pub(crate) fn member(fault: &'a Cell<Fault>) -> Self {
        Self {
            depth_left: MAX_DEPTH - 1,
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
