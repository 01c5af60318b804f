//! The user: who they are, what state they are in, and what they may do.

use countersign_token::Scopes;
use serde::Serialize;

use crate::email::EmailAddress;
use crate::id::UserId;
use crate::names::{Label, Username};
use crate::role::{RoleName, RoleNames};
use crate::time::Timestamp;

/// Whether a user may get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UserState {
    /// May log in.
    Active,
    /// Switched off by an administrator.
    Disabled,
    /// Shut by a rule of the product, such as too many failures of a second factor.
    Locked,
}

impl UserState {
    /// The stable name, as stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Locked => "locked",
        }
    }

    /// Reads the stable name back.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Disabled, Self::Locked]
            .into_iter()
            .find(|s| s.as_str() == name)
    }
}

/// A user. At least one of `username` and `email` is there: without either nobody could log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Names the user for ever.
    pub id: UserId,
    /// Unique when there is one.
    pub username: Option<Username>,
    /// Unique by its key when there is one.
    pub email: Option<EmailAddress>,
    /// Whether somebody proved that mail to the address reaches the user.
    pub email_verified: bool,
    /// What other people see.
    pub display_name: Option<Label>,
    /// Whether the user may get in.
    pub state: UserState,
    /// The names of the roles granted, without the built-in `user`.
    pub roles: RoleNames,
    /// The scopes granted directly.
    pub scopes: Scopes,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When any of this last changed.
    pub updated_at: Timestamp,
    /// Counts the changes, from 1: the entity tag of the user.
    pub version: u64,
}

impl User {
    /// Whether the user could administer the instance now: active, and has the role `admin`.
    pub fn is_working_admin(&self) -> bool {
        self.state == UserState::Active && self.roles.contains(&RoleName::admin())
    }

    /// The user's own names and addresses: what a password must not be built from.
    pub fn own_words(&self) -> Vec<&str> {
        let mut words = Vec::new();
        words.extend(self.username.as_ref().map(Username::as_str));
        words.extend(self.email.as_ref().map(EmailAddress::as_str));
        words.extend(self.display_name.as_ref().map(Label::as_str));
        words
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An active user for tests; `n` sets the id apart.
    pub(crate) fn user(n: u8) -> User {
        User {
            id: UserId::from_parts(Timestamp::from_millis(1_000), [n; 10]),
            username: Some(format!("user{n}").parse().unwrap()),
            email: Some(format!("user{n}@example.com").parse().unwrap()),
            email_verified: false,
            display_name: None,
            state: UserState::Active,
            roles: RoleNames::new(),
            scopes: Scopes::default(),
            created_at: Timestamp::from_millis(1_000),
            updated_at: Timestamp::from_millis(1_000),
            version: 1,
        }
    }

    #[test]
    fn only_an_active_admin_can_administer() {
        let mut user = user(1);
        assert!(!user.is_working_admin());
        user.roles.insert(RoleName::admin());
        assert!(user.is_working_admin());
        user.state = UserState::Disabled;
        assert!(!user.is_working_admin());
    }
}
