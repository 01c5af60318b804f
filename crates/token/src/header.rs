//! The protected header of a token (RFC 7515 §4), read in one pass. It may choose among keys that are
//! already trusted, and nothing else: whatever would change how the token is read is refused.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserializer as _, MapAccess, Visitor};

use crate::algorithm::Algorithm;
use crate::json::{Fault, Strict};
use crate::key_id::KeyId;
use crate::rejection::Rejection;

/// Type of an access token (RFC 9068 §2.1); media types compare without regard to case.
const TYPES: [&str; 2] = ["at+jwt", "application/at+jwt"];

/// What is used of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: KeyId,
}

/// Reads a header from its JSON.
pub(crate) fn parse(json: &[u8]) -> Result<Header, Rejection> {
    let refusal = Cell::new(Rejection::Malformed);
    let mut reader = serde_json::Deserializer::from_slice(json);
    let members = reader
        .deserialize_map(Members { refusal: &refusal })
        .map_err(|_| refusal.get())?;
    reader.end().map_err(|_| Rejection::Malformed)?;

    let algorithm = members.alg.ok_or(Rejection::UnsupportedAlgorithm)?;
    let algorithm = algorithm
        .parse()
        .map_err(|_| Rejection::UnsupportedAlgorithm)?;
    let token_type = members.typ.ok_or(Rejection::WrongType)?;
    if !TYPES
        .iter()
        .any(|expected| token_type.eq_ignore_ascii_case(expected))
    {
        return Err(Rejection::WrongType);
    }
    let kid = members.kid.ok_or(Rejection::MissingKeyId)?;
    let kid = KeyId::from_string(kid).map_err(|_| Rejection::UnknownKey)?;
    Ok(Header { algorithm, kid })
}

#[derive(Default)]
struct Found {
    alg: Option<String>,
    typ: Option<String>,
    kid: Option<String>,
    others: BTreeSet<String>,
}

struct Members<'a> {
    refusal: &'a Cell<Rejection>,
}

impl Members<'_> {
    fn refuse<E: de::Error>(&self, refusal: Rejection) -> E {
        self.refusal.set(refusal);
        E::custom("refused")
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let mut found = Found::default();
        while let Some(name) = map.next_key::<String>()? {
            let slot = match name.as_str() {
                "alg" => &mut found.alg,
                "typ" => &mut found.typ,
                "kid" => &mut found.kid,
                "crit" | "b64" => return Err(self.refuse(Rejection::CriticalHeader)),
                "jwk" | "jku" | "x5u" | "x5c" | "enc" | "zip" => {
                    return Err(self.refuse(Rejection::ForbiddenHeader));
                }
                _ => {
                    let fault = Cell::new(Fault::Syntax);
                    map.next_value_seed(Strict::member(&fault))
                        .map_err(|_| self.refuse(fault.get().into()))?;
                    if !found.others.insert(name) {
                        return Err(self.refuse(Rejection::DuplicateMember));
                    }
                    continue;
                }
            };
            if slot.replace(map.next_value()?).is_some() {
                return Err(self.refuse(Rejection::DuplicateMember));
            }
        }
        Ok(found)
    }
}

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Syntax => Self::Malformed,
            Fault::Duplicate => Self::DuplicateMember,
            Fault::TooDeep => Self::TooDeep,
        }
    }
}
