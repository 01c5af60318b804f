//! Roles as named bags of scopes, the built-in ones, and the one place where the scopes that a user
//! really has are computed.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use countersign_token::{Scope, Scopes};
use serde::{Serialize, Serializer};

use crate::description::Description;
use crate::user::User;

/// The name of a role: 1 to 64 of `a-z`, `0-9`, `-`, `_`, `.` and `:`, the first one a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

/// The text can't name a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role's name has 1 to 64 of a-z, 0-9, '-', '_', '.' and ':', and begins with a letter")]
pub struct InvalidRoleName;

impl RoleName {
    /// The built-in role that may do everything.
    pub fn admin() -> Self {
        Self("admin".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the built-in `admin`.
    pub fn is_admin(&self) -> bool {
        self.0 == "admin"
    }

    /// Whether the name belongs to a built-in role, which nobody may define again or delete.
    pub fn is_built_in(&self) -> bool {
        self.is_admin() || self.0 == "user"
    }
}

impl FromStr for RoleName {
    type Err = InvalidRoleName;

    fn from_str(text: &str) -> Result<Self, InvalidRoleName> {
        let first_is_letter = text.starts_with(|c: char| c.is_ascii_lowercase());
        let rest_is_plain = text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.:".contains(c));
        if first_is_letter && rest_is_plain && text.len() <= 64 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRoleName)
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RoleName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A named bag of scopes. Changing it changes what all who have it may do, at their next token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Role {
    /// Its unique name.
    pub name: RoleName,
    /// What it is for, for people to read.
    pub description: Description,
    /// What it lets its holders do.
    pub scopes: Scopes,
}

/// The scopes that Countersign's own interfaces ask for.
pub mod scope {
    /// Read one's own profile, sessions and tokens.
    pub const ACCOUNT_READ: &str = "account:read";
    /// Change one's own profile and password, end sessions, make and revoke tokens.
    pub const ACCOUNT_WRITE: &str = "account:write";
    /// Read every user.
    pub const USERS_READ: &str = "users:read";
    /// Create, change, disable and delete users; end their sessions.
    pub const USERS_WRITE: &str = "users:write";
    /// Read the roles.
    pub const ROLES_READ: &str = "roles:read";
    /// Define and delete roles; grant and revoke roles and scopes.
    pub const ROLES_WRITE: &str = "roles:write";
    /// Read the audit log.
    pub const AUDIT_READ: &str = "audit:read";
    /// Read what the latest requests did.
    pub const MONITOR_READ: &str = "monitor:read";

    /// All of them.
    pub const ALL: [&str; 8] = [
        ACCOUNT_READ,
        ACCOUNT_WRITE,
        USERS_READ,
        USERS_WRITE,
        ROLES_READ,
        ROLES_WRITE,
        AUDIT_READ,
        MONITOR_READ,
    ];
}

fn scopes_of(names: &[&str]) -> Scopes {
    names
        .iter()
        .filter_map(|name| name.parse::<Scope>().ok())
        .collect()
}

/// The roles that exist in every instance: `admin`, and `user`, which everybody has unasked.
pub fn built_in_roles() -> &'static [Role; 2] {
    static ROLES: LazyLock<[Role; 2]> = LazyLock::new(|| {
        [
            Role {
                name: RoleName::admin(),
                description: Description::from_stored(
                    "May do everything that Countersign's own interfaces offer.",
                ),
                scopes: scopes_of(&scope::ALL),
            },
            Role {
                name: RoleName("user".to_owned()),
                description: Description::from_stored(
                    "What everybody may do with their own account.",
                ),
                scopes: scopes_of(&[scope::ACCOUNT_READ, scope::ACCOUNT_WRITE]),
            },
        ]
    });
    &ROLES
}

/// A user together with the definitions of the roles that they hold (built-in ones left out, they
/// are code).
#[derive(Clone, Debug)]
pub struct Account {
    /// The user.
    pub user: User,
    /// The stored definitions of the user's own roles.
    pub roles: Vec<Role>,
}

impl Account {
    /// The scopes of the built-in `user` role, of the user's roles, and those granted directly, one
    /// set after the other. What is computed of a user's authority is computed from these.
    fn granted(&self) -> impl Iterator<Item = &Scopes> {
        let built_in = built_in_roles()
            .iter()
            .filter(|role| role.name.as_str() == "user" || self.user.roles.contains(&role.name));
        let own = self
            .roles
            .iter()
            .filter(|role| self.user.roles.contains(&role.name));
        std::iter::once(&self.user.scopes).chain(built_in.chain(own).map(|role| &role.scopes))
    }

    /// Everything this user may do now: the built-in `user` role, the user's roles, and scopes
    /// granted directly. Tokens carry this or less.
    pub fn effective_scopes(&self) -> Scopes {
        self.granted().flat_map(Scopes::iter).cloned().collect()
    }

    /// What a token may carry if `asked` for less than everything: the part of `asked` that the
    /// user has. `None` asks for all (RFC 6749 §3.3).
    pub fn narrowed_scopes(&self, asked: Option<&Scopes>) -> Scopes {
        let Some(asked) = asked else {
            return self.effective_scopes();
        };
        let is_granted = |scope: &&Scope| self.granted().any(|set| set.contains(*scope));
        asked.iter().filter(is_granted).cloned().collect()
    }

    /// Whether the user could administer the instance now: an active `admin`.
    pub fn is_working_admin(&self) -> bool {
        self.user.is_working_admin()
    }
}

/// The names of roles as they go into a set.
pub type RoleNames = BTreeSet<RoleName>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::tests::user;

    fn scopes(text: &str) -> Scopes {
        text.parse().unwrap()
    }

    fn account() -> Account {
        let mut user = user(1);
        user.roles.insert("editor".parse().unwrap());
        user.scopes = scopes("reports:read");
        let role = |name: &str, granted: &str| Role {
            name: name.parse().unwrap(),
            description: Description::default(),
            scopes: scopes(granted),
        };
        // A store that hands over a role the user does not hold gives them nothing.
        Account {
            user,
            roles: vec![role("editor", "posts:write"), role("other", "secrets:read")],
        }
    }

    #[test]
    fn effective_scopes_are_those_of_the_roles_and_direct_grants_and_no_more() {
        assert_eq!(
            account().effective_scopes(),
            scopes("account:read account:write posts:write reports:read")
        );
    }

    #[test]
    fn an_admin_has_every_scope_of_ours() {
        let mut account = account();
        account.user.roles.insert(RoleName::admin());
        for name in scope::ALL {
            assert!(account.effective_scopes().contains(name), "{name}");
        }
    }

    #[test]
    fn asking_for_more_than_one_has_gives_no_more() {
        let narrowed = account().narrowed_scopes(Some(&scopes("posts:write users:read")));
        assert_eq!(narrowed, scopes("posts:write"));
    }

    #[test]
    fn a_role_name_is_plain() {
        for bad in ["", "Admin", "1st", "a b", "a/b", "__proto__", "\u{e9}"] {
            assert!(bad.parse::<RoleName>().is_err(), "{bad}");
        }
        assert!("billing:editor-2".parse::<RoleName>().is_ok());
    }
}
