//! A map of rules as JSON, in which no key comes twice. Readers of JSON keep the last one (RFC 8259 §4), and a rule that is
//! lost so could be the one that guards the route.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::settings::RuleSettings;

/// Rules by the route or field that they are for.
#[derive(Debug)]
pub(crate) struct Unique(pub(crate) BTreeMap<String, RuleSettings>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Rules)
    }
}

struct Rules;

impl<'de> Visitor<'de> for Rules {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from routes or fields to what they take")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
        let mut rules = BTreeMap::new();
        while let Some((key, rule)) = map.next_entry::<String, RuleSettings>()? {
            if rules.contains_key(&key) {
                let twice = format!("{key:?} comes twice: keep one of them");
                return Err(A::Error::custom(twice));
            }
            rules.insert(key, rule);
        }
        Ok(Unique(rules))
    }
}
