//! The audit log: who did what to whom, when and from where. Each write of a store carries its
//! event, so there is no change without a line and no line without its change. No secret and no
//! password ever stands in one.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::Serialize;
use uuid::Uuid;

use crate::id::{EventId, PersonalTokenId, SessionId, UserId};
use crate::time::Timestamp;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// A user in a session.
    User(UserId),
    /// A script with a personal access token.
    PersonalToken(PersonalTokenId),
    /// Somebody who is not logged in.
    Anonymous,
    /// Somebody with access to the machine, through the command line.
    CommandLine,
    /// Countersign itself, on schedule.
    System,
}

impl Actor {
    /// The stable name of its kind, as stored, and its id if it has one.
    pub fn parts(&self) -> (&'static str, Option<Uuid>) {
        match self {
            Self::User(id) => ("user", Some(*id.as_uuid())),
            Self::PersonalToken(id) => ("personal_token", Some(*id.as_uuid())),
            Self::Anonymous => ("anonymous", None),
            Self::CommandLine => ("command_line", None),
            Self::System => ("system", None),
        }
    }

    /// Reads the parts back.
    pub fn from_parts(kind: &str, id: Option<Uuid>) -> Option<Self> {
        match (kind, id) {
            ("user", Some(id)) => Some(Self::User(UserId::from_uuid(id))),
            ("personal_token", Some(id)) => {
                Some(Self::PersonalToken(PersonalTokenId::from_uuid(id)))
            }
            ("anonymous", None) => Some(Self::Anonymous),
            ("command_line", None) => Some(Self::CommandLine),
            ("system", None) => Some(Self::System),
            _ => None,
        }
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What was done. The name is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $variant,)*
        }

        impl Action {
            /// All actions.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name, as stored and shown.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

actions! {
    /// An account was made by its user.
    SignedUp = "user.signed_up",
    /// An account was made by an administrator.
    UserCreated = "user.created",
    /// An account was brought in from elsewhere.
    UserImported = "user.imported",
    /// A profile was changed.
    ProfileUpdated = "user.profile_updated",
    /// A password was changed or set.
    PasswordChanged = "user.password_changed",
    /// A user was enabled, disabled or locked.
    UserStateChanged = "user.state_changed",
    /// A user was deleted.
    UserDeleted = "user.deleted",
    /// Roles or scopes were granted or revoked.
    AuthorityChanged = "user.authority_changed",
    /// Somebody logged in.
    LoggedIn = "session.logged_in",
    /// Somebody tried to log in and was refused.
    LoginRefused = "session.login_refused",
    /// A session was refreshed.
    Refreshed = "session.refreshed",
    /// A spent refresh token came back; its session was ended.
    RefreshReused = "session.refresh_reused",
    /// A session was ended.
    SessionEnded = "session.ended",
    /// Several sessions were ended at once.
    SessionsEnded = "session.all_ended",
    /// A personal access token was made.
    PersonalTokenCreated = "personal_token.created",
    /// A personal access token was used (noted at most hourly).
    PersonalTokenUsed = "personal_token.used",
    /// A personal access token was revoked.
    PersonalTokenRevoked = "personal_token.revoked",
    /// A role was defined or changed.
    RoleDefined = "role.defined",
    /// A role was deleted.
    RoleDeleted = "role.deleted",
    /// Signing keys were made, activated or retired.
    KeysChanged = "keys.changed",
    /// What had expired was cleared away.
    Pruned = "store.pruned",
}

impl Action {
    /// Reads the stable name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.as_str() == name)
    }
}

impl Serialize for Action {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditEvent {
    /// Names the event; ids sort by time.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// To which user, if to one.
    pub user_id: Option<UserId>,
    /// In or to which session, if one.
    pub session_id: Option<SessionId>,
    /// From which address, if over the network.
    pub address: Option<IpAddr>,
    /// In which request, if over the network.
    pub request_id: Option<String>,
    /// What else is worth knowing, in plain words: names, reasons, counts. Never a secret.
    pub detail: BTreeMap<String, String>,
}

impl AuditEvent {
    /// Adds a detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.detail.insert(name.to_owned(), format!("{value}"));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Action::ALL.iter().map(|a| a.as_str()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.as_str()), Some(*action));
        }
    }
}
