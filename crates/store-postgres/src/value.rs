//! What is bound to a statement. It shows nothing of itself: the library writes the parameters of
//! statements into its log when that is turned up.

use std::fmt;

use bytes::BytesMut;
use countersign_domain::id::{PersonalTokenId, SessionId, UserId};
use countersign_domain::opaque::TokenHash;
use countersign_domain::time::Timestamp;
use tokio_postgres::types::{IsNull, ToSql, Type};
use uuid::Uuid;

/// A value of one of the types that the schema uses.
#[derive(Clone)]
pub(crate) enum Value {
    Null,
    Text(String),
    Number(i64),
    Truth(bool),
    Bytes(Vec<u8>),
    Id(Uuid),
    Texts(Vec<String>),
    Ids(Vec<Uuid>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.to_sql_checked(kind, out)
    }

    /// Each value checks itself.
    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Text(text) => text.to_sql_checked(kind, out),
            Self::Number(number) => number.to_sql_checked(kind, out),
            Self::Truth(truth) => truth.to_sql_checked(kind, out),
            Self::Bytes(bytes) => bytes.to_sql_checked(kind, out),
            Self::Id(id) => id.to_sql_checked(kind, out),
            Self::Texts(texts) => texts.to_sql_checked(kind, out),
            Self::Ids(ids) => ids.to_sql_checked(kind, out),
        }
    }
}

macro_rules! from {
    ($($kind:ty => |$value:ident| $made:expr;)+) => {
        $(impl From<$kind> for Value {
            fn from($value: $kind) -> Self {
                $made
            }
        })+
    };
}

from! {
    &str => |text| Self::Text(text.to_owned());
    String => |text| Self::Text(text);
    i64 => |number| Self::Number(number);
    u32 => |number| Self::Number(i64::from(number));
    bool => |truth| Self::Truth(truth);
    Vec<u8> => |bytes| Self::Bytes(bytes);
    &[u8; 32] => |bytes| Self::Bytes(bytes.to_vec());
    &TokenHash => |hash| Self::Bytes(hash.as_bytes().to_vec());
    Uuid => |id| Self::Id(id);
    UserId => |id| Self::Id(*id.as_uuid());
    SessionId => |id| Self::Id(*id.as_uuid());
    PersonalTokenId => |id| Self::Id(*id.as_uuid());
    Timestamp => |moment| Self::Number(moment.as_millis());
    Vec<String> => |texts| Self::Texts(texts);
    Vec<Uuid> => |ids| Self::Ids(ids);
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A count of the domain as the database keeps it.
pub(crate) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
