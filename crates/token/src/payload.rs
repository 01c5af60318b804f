//! The claims set of a token (RFC 7519 §4), read in one pass and in one way only: each claim once, its
//! texts borrowed from the document. Times are whole seconds: a fraction, a string or a number beyond
//! the year 9999 is refused, not rounded. What a claim must be is for the profile to say; a claim that
//! no profile knows is passed over.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

use crate::claim_value::{ClaimValue, Reader};
use crate::json::{Fault, Names, Skip, Text};
use crate::rejection::Rejection;

/// The last second of the year 9999, the latest time that a claim may name.
pub(crate) const MAX_TIME: i64 = 253_402_300_799;

/// Reads the claims set from its JSON.
pub(crate) fn parse(json: &[u8]) -> Result<Payload<'_>, Rejection> {
    let refusal = Cell::new(Rejection::Malformed);
    // Once for all: reading bytes, serde_json would look at each string by itself.
    let json = str::from_utf8(json).map_err(|_| Rejection::Malformed)?;
    let mut reader = serde_json::Deserializer::from_str(json);
    let mut payload = Payload::default();
    let members = Members {
        payload: &mut payload,
        read: ClaimReader { refusal: &refusal },
    };
    reader.deserialize_map(members).map_err(|_| refusal.get())?;
    reader.end().map_err(|_| Rejection::Malformed)?;
    Ok(payload)
}

/// Fills in a payload where it stands: it is large to hand on.
struct Members<'a, 'de> {
    payload: &'a mut Payload<'de>,
    read: ClaimReader<'a>,
}

/// Reads one claim; why it refuses is left in the cell.
struct ClaimReader<'a> {
    refusal: &'a Cell<Rejection>,
}

impl ClaimReader<'_> {
    fn refuse<E: de::Error>(&self, refusal: Rejection) -> E {
        self.refusal.set(refusal);
        E::custom("refused")
    }

    /// Reads a claim into its place, which must be free.
    fn time<'de, A: MapAccess<'de>>(
        &self,
        map: &mut A,
        name: &'static str,
        slot: &mut Option<i64>,
    ) -> Result<(), A::Error> {
        if slot.is_some() {
            return Err(self.refuse(Rejection::DuplicateMember));
        }
        let time = map.next_value::<i64>().ok();
        match time.filter(|time| (0..=MAX_TIME).contains(time)) {
            Some(time) => {
                *slot = Some(time);
                Ok(())
            }
            None => Err(self.refuse(Rejection::MalformedClaim(name))),
        }
    }

    fn value<'de, A: MapAccess<'de>>(
        &self,
        map: &mut A,
        slot: &mut Option<ClaimValue<'de>>,
    ) -> Result<(), A::Error> {
        if slot.is_some() {
            return Err(self.refuse(Rejection::DuplicateMember));
        }
        let fault = Cell::new(Fault::Syntax);
        match map.next_value_seed(Reader(Skip::member(&fault))) {
            Ok(value) => {
                *slot = Some(value);
                Ok(())
            }
            Err(_) => Err(self.refuse(fault.get().into())),
        }
    }
}

/// Declares the claims that are read: each once, with its name in the token.
macro_rules! claims {
    (times { $($time:ident = $time_name:literal),* $(,)? } values { $($value:ident = $value_name:literal),* $(,)? }) => {
        /// The claims as they stand; what is required is for the caller to say.
        #[derive(Default)]
        pub(crate) struct Payload<'a> {
            $(pub(crate) $time: Option<i64>,)*
            $(pub(crate) $value: Option<ClaimValue<'a>>,)*
        }

        /// The name of a claim, told apart without keeping it.
        #[expect(non_camel_case_types, reason = "named like the fields that they stand for")]
        enum Claim<'a> {
            $($time,)*
            $($value,)*
            Other(Text<'a>),
        }

        impl<'a> Claim<'a> {
            fn named(name: Text<'a>) -> Self {
                match name.0.as_ref() {
                    $($time_name => Self::$time,)*
                    $($value_name => Self::$value,)*
                    _ => Self::Other(name),
                }
            }
        }

        impl<'de> Visitor<'de> for Members<'_, 'de> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a claims set")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
                let Self { payload, read } = self;
                let mut others = Names::default();
                while let Some(claim) = map.next_key::<Claim<'de>>()? {
                    match claim {
                        $(Claim::$time => read.time(&mut map, $time_name, &mut payload.$time)?,)*
                        $(Claim::$value => read.value(&mut map, &mut payload.$value)?,)*
                        Claim::Other(Text(name)) => {
                            let fault = Cell::new(Fault::Syntax);
                            map.next_value_seed(Skip::member(&fault))
                                .map_err(|_| read.refuse(fault.get().into()))?;
                            if !others.insert(name) {
                                return Err(read.refuse(Rejection::DuplicateMember));
                            }
                        }
                    }
                }
                Ok(())
            }
        }
    };
}

claims! {
    times { iat = "iat", exp = "exp", nbf = "nbf", auth_time = "auth_time" }
    values {
        iss = "iss",
        aud = "aud",
        sub = "sub",
        client_id = "client_id",
        jti = "jti",
        scope = "scope",
        roles = "roles",
        sid = "sid",
        amr = "amr",
        acr = "acr",
        // Other issuers' ways to say the same.
        azp = "azp",
        cid = "cid",
        appid = "appid",
        scp = "scp",
        permissions = "permissions",
        cognito_groups = "cognito:groups",
        origin_jti = "origin_jti",
        realm_access = "realm_access",
        // What tells an access token from another.
        token_use = "token_use",
        typ = "typ",
        azpacr = "azpacr",
        nonce = "nonce",
        at_hash = "at_hash",
        c_hash = "c_hash",
        events = "events",
        // Binds a token to a key (RFC 7800 §3.1).
        cnf = "cnf",
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Claim<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(Self::named)
    }
}
