//! Who calls, and whether they may: the one guard behind every route and field.

use countersign_token::Scopes;

use crate::audit::Actor;
use crate::id::{PersonalTokenId, SessionId, UserId};

/// How a caller proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An access token of this session.
    Session(SessionId),
    /// This personal access token.
    PersonalToken(PersonalTokenId),
}

/// A caller whose token is valid, whose session lives and whose account is active.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Who it is.
    pub user_id: UserId,
    /// How they proved it.
    pub proof: Proof,
    /// What they may do now: what the token carries, less what was taken from the user since.
    pub scopes: Scopes,
}

impl Principal {
    /// The session, if the caller is in one.
    pub fn session_id(&self) -> Option<SessionId> {
        match self.proof {
            Proof::Session(id) => Some(id),
            Proof::PersonalToken(_) => None,
        }
    }

    /// The caller as the audit log names them.
    pub fn actor(&self) -> Actor {
        match self.proof {
            Proof::Session(_) => Actor::User(self.user_id),
            Proof::PersonalToken(id) => Actor::PersonalToken(id),
        }
    }
}

/// What a route or field asks of its caller. Each declares one; there is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Anybody.
    Public,
    /// A caller with this scope.
    Scope(&'static str),
    /// A caller in a session (no personal access token) with this scope: for what would let a
    /// script give itself more than it was given.
    SessionWithScope(&'static str),
}

/// Why a caller may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is logged in.
    Unauthenticated,
    /// The caller lacks this scope.
    MissingScope(&'static str),
    /// It takes a session, and this is a personal access token.
    NeedsSession,
}

impl Rule {
    /// Whether `caller` may; the only place that says so.
    pub fn check(self, caller: Option<&Principal>) -> Result<(), Denied> {
        let (name, needs_session) = match self {
            Self::Public => return Ok(()),
            Self::Scope(name) => (name, false),
            Self::SessionWithScope(name) => (name, true),
        };
        let caller = caller.ok_or(Denied::Unauthenticated)?;
        if needs_session && caller.session_id().is_none() {
            return Err(Denied::NeedsSession);
        }
        if caller.scopes.contains(name) {
            Ok(())
        } else {
            Err(Denied::MissingScope(name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    fn principal(proof: Proof) -> Principal {
        let user_id = UserId::from_parts(Timestamp::from_seconds(1), [1; 10]);
        Principal {
            user_id,
            proof,
            scopes: "users:read".parse().unwrap(),
        }
    }

    #[test]
    fn the_guard_lets_in_whom_the_rule_names_and_nobody_else() {
        let at = Timestamp::from_seconds(1);
        let person = principal(Proof::Session(SessionId::from_parts(at, [2; 10])));
        let script = principal(Proof::PersonalToken(PersonalTokenId::from_parts(
            at, [2; 10],
        )));
        for (rule, caller, answer) in [
            (Rule::Public, None, Ok(())),
            (
                Rule::Scope("users:read"),
                None,
                Err(Denied::Unauthenticated),
            ),
            (Rule::Scope("users:read"), Some(&person), Ok(())),
            (Rule::Scope("users:read"), Some(&script), Ok(())),
            (
                Rule::Scope("users:write"),
                Some(&person),
                Err(Denied::MissingScope("users:write")),
            ),
            (Rule::SessionWithScope("users:read"), Some(&person), Ok(())),
            (
                Rule::SessionWithScope("users:read"),
                Some(&script),
                Err(Denied::NeedsSession),
            ),
            (
                Rule::SessionWithScope("users:read"),
                None,
                Err(Denied::Unauthenticated),
            ),
            (
                Rule::Scope(""),
                Some(&person),
                Err(Denied::MissingScope("")),
            ),
        ] {
            assert_eq!(rule.check(caller), answer, "{rule:?}");
        }
    }
}
