//! Ids: `UUIDv7` (RFC 9562 §5.7) newtypes, so that a session id can't stand where a user id is
//! meant. An id is never a secret. The time and random bytes they are made of are arguments.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

/// The text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected a UUID such as 0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id from the present moment and ten random bytes.
            pub fn from_parts(now: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(now.as_millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// Wraps an id read back from a store.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The id as a UUID.
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Takes the hyphenated form alone: one id, one spelling.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() != 36 {
                    return Err(InvalidId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }
    };
}

id!(
    /// Names a user, for ever: it survives a change of e-mail address and username.
    UserId
);
id!(
    /// Names a session, which is also the family of its refresh tokens.
    SessionId
);
id!(
    /// Names a personal access token.
    PersonalTokenId
);
id!(
    /// Names an audit event.
    EventId
);

impl EventId {
    /// The least id of an event at `moment`; `None` where ids do not reach.
    pub fn least_at(moment: Timestamp) -> Option<Self> {
        let millis = u64::try_from(moment.as_millis())
            .ok()
            .filter(|millis| (1..1 << 48).contains(millis))?;
        Some(Self(Uuid::from_u64_pair(millis << 16, 0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = UserId::from_parts(Timestamp::from_millis(1000), [0xff; 10]);
        let late = UserId::from_parts(Timestamp::from_millis(1001), [0; 10]);
        assert!(early < late);
        assert_eq!(early.as_uuid().get_version_num(), 7);
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = UserId::from_parts(Timestamp::from_millis(1000), [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(
            id.as_uuid().simple().to_string().parse::<UserId>(),
            Err(InvalidId)
        );
        assert_eq!(format!("{{{id}}}").parse::<UserId>(), Err(InvalidId));
    }
}
