//! The protected header of a token (RFC 7515 §4), read in one pass. It may choose among keys that are
//! already trusted, and nothing else: whatever would change how the token is read is refused.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, Deserializer as _, MapAccess, Visitor};

use crate::algorithm::Algorithm;
use crate::json::{Fault, Names, Skip, Text};
use crate::key_id::KeyId;
use crate::rejection::Rejection;

/// What is used of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) token_type: TokenType,
    pub(crate) kid: Option<KeyId>,
}

/// What `typ` says; which of these is good is for the profile to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// `at+jwt` (RFC 9068 §2.1).
    AccessToken,
    /// `JWT`, which says nothing (RFC 7519 §5.1).
    Jwt,
    Absent,
    Other,
}

impl TokenType {
    /// Media types compare without regard to case, and may leave `application/` out (RFC 7515 §4.1.9).
    fn named(name: &str) -> Self {
        let is = |expected: &str| name.eq_ignore_ascii_case(expected);
        if is("at+jwt") || is("application/at+jwt") {
            Self::AccessToken
        } else if is("JWT") {
            Self::Jwt
        } else {
            Self::Other
        }
    }
}

/// Reads a header from its JSON.
pub(crate) fn parse(json: &[u8]) -> Result<Header, Rejection> {
    let refusal = Cell::new(Rejection::Malformed);
    // Once for all: reading bytes, serde_json would look at each string by itself.
    let json = str::from_utf8(json).map_err(|_| Rejection::Malformed)?;
    let mut reader = serde_json::Deserializer::from_str(json);
    let members = reader
        .deserialize_map(Members { refusal: &refusal })
        .map_err(|_| refusal.get())?;
    reader.end().map_err(|_| Rejection::Malformed)?;

    let Text(algorithm) = members.alg.ok_or(Rejection::UnsupportedAlgorithm)?;
    let algorithm = algorithm
        .parse()
        .map_err(|_| Rejection::UnsupportedAlgorithm)?;
    let token_type = members.typ.map_or(TokenType::Absent, |Text(name)| {
        TokenType::named(name.as_ref())
    });
    let kid = match members.kid {
        Some(Text(kid)) => {
            Some(KeyId::from_string(kid.into_owned()).map_err(|_| Rejection::UnknownKey)?)
        }
        None => None,
    };
    Ok(Header {
        algorithm,
        token_type,
        kid,
    })
}

#[derive(Default)]
struct Found<'a> {
    alg: Option<Text<'a>>,
    typ: Option<Text<'a>>,
    kid: Option<Text<'a>>,
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
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let mut found = Found::default();
        let mut others = Names::default();
        while let Some(Text(name)) = map.next_key()? {
            let slot = match name.as_ref() {
                "alg" => &mut found.alg,
                "typ" => &mut found.typ,
                "kid" => &mut found.kid,
                "crit" | "b64" => return Err(self.refuse(Rejection::CriticalHeader)),
                "jwk" | "jku" | "x5u" | "x5c" | "enc" | "zip" => {
                    return Err(self.refuse(Rejection::ForbiddenHeader));
                }
                _ => {
                    let fault = Cell::new(Fault::Syntax);
                    map.next_value_seed(Skip::member(&fault))
                        .map_err(|_| self.refuse(fault.get().into()))?;
                    if !others.insert(name) {
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
