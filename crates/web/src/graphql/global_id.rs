//! Global ids: the type and the key of an object in one opaque text, so that `node` can find it and
//! a session's id can't be given where a user's is meant.

use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_domain::id::{EventId, PersonalTokenId, SessionId, UserId};
use countersign_domain::role::RoleName;

use super::errors::{Fault, Result};

/// What a global id names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlobalId {
    /// A user.
    User(UserId),
    /// A session.
    Session(SessionId),
    /// A personal access token.
    PersonalAccessToken(PersonalTokenId),
    /// A role.
    Role(RoleName),
    /// An audit event.
    AuditEvent(EventId),
}

impl GlobalId {
    /// Reads the text back; `None` if no list or object here gave it out.
    pub fn parse(text: &str) -> Option<Self> {
        // The longest is a role's name of 64 letters.
        if text.len() > 128 {
            return None;
        }
        let decoded = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (kind, key) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
        match kind {
            "User" => key.parse().ok().map(Self::User),
            "Session" => key.parse().ok().map(Self::Session),
            "PersonalAccessToken" => key.parse().ok().map(Self::PersonalAccessToken),
            "Role" => key.parse().ok().map(Self::Role),
            "AuditEvent" => key.parse().ok().map(Self::AuditEvent),
            _ => None,
        }
    }

    /// A user's id out of an argument.
    pub(super) fn user(id: &ID, pointer: &str) -> Result<UserId> {
        match Self::parse(id) {
            Some(Self::User(id)) => Ok(id),
            _ => Err(Fault::input(pointer, "not the id of a User")),
        }
    }

    /// A session's id out of an argument.
    pub(super) fn session(id: &ID, pointer: &str) -> Result<SessionId> {
        match Self::parse(id) {
            Some(Self::Session(id)) => Ok(id),
            _ => Err(Fault::input(pointer, "not the id of a Session")),
        }
    }

    /// A personal access token's id out of an argument.
    pub(super) fn personal_token(id: &ID, pointer: &str) -> Result<PersonalTokenId> {
        match Self::parse(id) {
            Some(Self::PersonalAccessToken(id)) => Ok(id),
            _ => Err(Fault::input(pointer, "not the id of a PersonalAccessToken")),
        }
    }
}

impl From<GlobalId> for ID {
    fn from(id: GlobalId) -> Self {
        let text = match id {
            GlobalId::User(id) => format!("User:{id}"),
            GlobalId::Session(id) => format!("Session:{id}"),
            GlobalId::PersonalAccessToken(id) => format!("PersonalAccessToken:{id}"),
            GlobalId::Role(name) => format!("Role:{name}"),
            GlobalId::AuditEvent(id) => format!("AuditEvent:{id}"),
        };
        Self(URL_SAFE_NO_PAD.encode(text))
    }
}

#[cfg(test)]
mod tests {
    use countersign_domain::time::Timestamp;

    use super::*;

    #[test]
    fn a_global_id_survives_its_text_and_nothing_else_is_one() {
        let at = Timestamp::from_millis(1_000);
        for id in [
            GlobalId::User(UserId::from_parts(at, [1; 10])),
            GlobalId::Session(SessionId::from_parts(at, [2; 10])),
            GlobalId::PersonalAccessToken(PersonalTokenId::from_parts(at, [3; 10])),
            GlobalId::Role("on-call".parse().unwrap()),
            GlobalId::AuditEvent(EventId::from_parts(at, [4; 10])),
        ] {
            assert_eq!(GlobalId::parse(&ID::from(id.clone())), Some(id));
        }
        for bad in [
            "",
            "VXNlcg",
            "User:x",
            "VXNlcjp4",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert_eq!(GlobalId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_id_of_one_kind_is_refused_where_another_is_meant() {
        let user = ID::from(GlobalId::User(UserId::from_parts(
            Timestamp::from_millis(1_000),
            [1; 10],
        )));
        assert!(GlobalId::session(&user, "/input/id").is_err());
        assert!(GlobalId::user(&user, "/input/id").is_ok());
    }
}
