//! The claims set of a token whose signature holds (RFC 7519 §4), read in one pass and in one way only:
//! each claim once, in its one type. Times are whole seconds: a fraction, a string or a number beyond
//! the year 9999 is refused, not rounded. Claims that nobody here knows are passed over.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::json::{Fault, Strict};
use crate::rejection::Rejection;

/// The last second of the year 9999, the latest time that a claim may name.
pub(crate) const MAX_TIME: i64 = 253_402_300_799;

/// The claims as they stand; what is required is for the caller to say.
#[derive(Default)]
pub(crate) struct Payload {
    pub(crate) iss: Option<String>,
    pub(crate) aud: Option<Texts>,
    pub(crate) sub: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) jti: Option<String>,
    pub(crate) iat: Option<i64>,
    pub(crate) exp: Option<i64>,
    pub(crate) nbf: Option<i64>,
    pub(crate) scope: Option<String>,
    pub(crate) roles: Option<Vec<String>>,
    pub(crate) sid: Option<String>,
    pub(crate) auth_time: Option<i64>,
    pub(crate) amr: Option<Vec<String>>,
    pub(crate) acr: Option<String>,
}

/// One text or several.
pub(crate) struct Texts(pub(crate) Vec<String>);

/// Reads the claims set from its JSON.
pub(crate) fn parse(json: &[u8]) -> Result<Payload, Rejection> {
    let refusal = Cell::new(Rejection::Malformed);
    let mut reader = serde_json::Deserializer::from_slice(json);
    let payload = reader
        .deserialize_map(Members { refusal: &refusal })
        .map_err(|_| refusal.get())?;
    reader.end().map_err(|_| Rejection::Malformed)?;
    Ok(payload)
}

struct Members<'a> {
    refusal: &'a Cell<Rejection>,
}

impl Members<'_> {
    fn refuse<E: de::Error>(&self, refusal: Rejection) -> E {
        self.refusal.set(refusal);
        E::custom("refused")
    }

    /// Reads a claim into its place, which must be free.
    fn read<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
        &self,
        map: &mut A,
        name: &'static str,
        slot: &mut Option<T>,
    ) -> Result<(), A::Error> {
        if slot.is_some() {
            return Err(self.refuse(Rejection::DuplicateMember));
        }
        match map.next_value() {
            Ok(value) => {
                *slot = Some(value);
                Ok(())
            }
            Err(_) => Err(self.refuse(Rejection::MalformedClaim(name))),
        }
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Payload;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claims set")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Payload, A::Error> {
        let mut payload = Payload::default();
        let mut others = BTreeSet::new();
        while let Some(claim) = map.next_key::<Claim>()? {
            match claim {
                Claim::Iss => self.read(&mut map, "iss", &mut payload.iss)?,
                Claim::Aud => self.read(&mut map, "aud", &mut payload.aud)?,
                Claim::Sub => self.read(&mut map, "sub", &mut payload.sub)?,
                Claim::ClientId => self.read(&mut map, "client_id", &mut payload.client_id)?,
                Claim::Jti => self.read(&mut map, "jti", &mut payload.jti)?,
                Claim::Iat => self.read(&mut map, "iat", &mut payload.iat)?,
                Claim::Exp => self.read(&mut map, "exp", &mut payload.exp)?,
                Claim::Nbf => self.read(&mut map, "nbf", &mut payload.nbf)?,
                Claim::Scope => self.read(&mut map, "scope", &mut payload.scope)?,
                Claim::Roles => self.read(&mut map, "roles", &mut payload.roles)?,
                Claim::Sid => self.read(&mut map, "sid", &mut payload.sid)?,
                Claim::AuthTime => self.read(&mut map, "auth_time", &mut payload.auth_time)?,
                Claim::Amr => self.read(&mut map, "amr", &mut payload.amr)?,
                Claim::Acr => self.read(&mut map, "acr", &mut payload.acr)?,
                Claim::Other(name) => {
                    let fault = Cell::new(Fault::Syntax);
                    map.next_value_seed(Strict::member(&fault))
                        .map_err(|_| self.refuse(fault.get().into()))?;
                    if !others.insert(name) {
                        return Err(self.refuse(Rejection::DuplicateMember));
                    }
                }
            }
        }
        Ok(payload)
    }
}

/// The name of a claim, told apart without keeping it.
enum Claim {
    Iss,
    Aud,
    Sub,
    ClientId,
    Jti,
    Iat,
    Exp,
    Nbf,
    Scope,
    Roles,
    Sid,
    AuthTime,
    Amr,
    Acr,
    Other(String),
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ClaimName)
    }
}

struct ClaimName;

impl Visitor<'_> for ClaimName {
    type Value = Claim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a claim")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Claim, E> {
        Ok(match name {
            "iss" => Claim::Iss,
            "aud" => Claim::Aud,
            "sub" => Claim::Sub,
            "client_id" => Claim::ClientId,
            "jti" => Claim::Jti,
            "iat" => Claim::Iat,
            "exp" => Claim::Exp,
            "nbf" => Claim::Nbf,
            "scope" => Claim::Scope,
            "roles" => Claim::Roles,
            "sid" => Claim::Sid,
            "auth_time" => Claim::AuthTime,
            "amr" => Claim::Amr,
            "acr" => Claim::Acr,
            other => Claim::Other(other.to_owned()),
        })
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrSeveral)
    }
}

struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Texts, E> {
        Ok(Texts(vec![text.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = seq.next_element()? {
            texts.push(text);
        }
        Ok(Texts(texts))
    }
}
