//! JSON without room for two readings: one value, no member twice, no deep nesting, and faults that
//! never quote what they stumbled over.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

const MAX_DEPTH: u8 = 8;
const MAX_NAME: usize = 64;

/// Why a body is not the JSON it should be, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not JSON, at this line and column.
    Syntax { line: usize, column: usize },
    /// This member comes twice in one object.
    Duplicate(String),
    /// Nested deeper than anything here is.
    TooDeep,
    /// JSON, but no object.
    NoObject,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line, column } => {
                write!(f, "the body is not JSON: see line {line}, column {column}")
            }
            Self::Duplicate(name) => write!(f, "the member {name:?} comes twice"),
            Self::TooDeep => write!(f, "the body is nested deeper than {MAX_DEPTH} levels"),
            Self::NoObject => f.write_str("the body must be a JSON object"),
        }
    }
}

/// Reads an object.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, Fault> {
    let fault = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let strict = Strict {
        depth_left: MAX_DEPTH,
        fault: &fault,
    };
    let syntax = |error: &serde_json::Error| Fault::Syntax {
        line: error.line(),
        column: error.column(),
    };
    let value = strict
        .deserialize(&mut reader)
        .map_err(|error| fault.take().unwrap_or_else(|| syntax(&error)))?;
    reader.end().map_err(|error| syntax(&error))?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Fault::NoObject),
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth_left: u8,
    fault: &'a RefCell<Option<Fault>>,
}

impl Strict<'_> {
    fn fail<E: de::Error>(self, fault: Fault) -> E {
        self.fault.replace(Some(fault));
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
                return Err(self.fail(Fault::Duplicate(name.chars().take(MAX_NAME).collect())));
            }
            let value = map.next_value_seed(inside)?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_say_where_and_never_what() {
        let duplicate = |name: &str| Fault::Duplicate(name.to_owned());
        for (body, fault) in [
            (&b"{\"a\":1,\n\"a\":\"hunter2\"}"[..], duplicate("a")),
            (b"{\"a\":1,\"\\u0061\":2}", duplicate("a")),
            (b"{\"a\":{\"b\":1,\"b\":1}}", duplicate("b")),
            (
                b"{\"password\":\n hunter2}",
                Fault::Syntax { line: 2, column: 2 },
            ),
            (b"", Fault::Syntax { line: 1, column: 0 }),
            (b"{} {}", Fault::Syntax { line: 1, column: 4 }),
            (b"[]", Fault::NoObject),
            (b"\"hunter2\"", Fault::NoObject),
            (b"{\"a\":[[[[[[[[[]]]]]]]]]}", Fault::TooDeep),
        ] {
            let found = object(body).unwrap_err();
            assert_eq!(found, fault);
            assert!(!found.to_string().contains("hunter2"));
        }
        assert!(object("{\"a\":1".repeat(10_000).as_bytes()).is_err());
        assert!(object(b"{\"a\":\"\xff\"}").is_err());
        assert_eq!(object(b"{\"a\":[1,null]}").unwrap().len(), 1);
    }
}
