//! What a caller needs for a route or a field: scopes, and one of some roles. An empty rule still asks
//! for a caller; there is no rule for strangers, since a public route needs no authorizer.

use countersign_token::Scopes;

use crate::principal::Principal;

/// What a caller must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    scopes: Scopes,
    roles: Vec<String>,
}

impl Rule {
    /// Any caller with a good token.
    pub fn authenticated() -> Self {
        Self::default()
    }

    /// A caller with all of `scopes`.
    pub fn scopes(scopes: impl Into<Scopes>) -> Self {
        Self {
            scopes: scopes.into(),
            roles: Vec::new(),
        }
    }

    /// Also insists on one of `roles`; no roles are no condition.
    #[must_use]
    pub fn with_any_role<R: Into<String>>(mut self, roles: impl IntoIterator<Item = R>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Whether `caller` has what it takes.
    pub fn permits(&self, caller: &Principal) -> bool {
        self.scopes.is_subset(caller.scopes())
            && (self.roles.is_empty() || self.roles.iter().any(|role| caller.has_role(role)))
    }

    /// Whether every caller that this rule permits is permitted by `other` too.
    pub(super) fn implies(&self, other: &Self) -> bool {
        let roles = other.roles.is_empty()
            || (!self.roles.is_empty() && self.roles.iter().all(|role| other.roles.contains(role)));
        other.scopes.is_subset(&self.scopes) && roles
    }

    /// Whether every caller that both this rule and `second` permit is permitted by `other` too.
    pub(super) fn and_implies(&self, second: &Self, other: &Self) -> bool {
        self.implies(other)
            || second.implies(other)
            || (other.roles.is_empty()
                && other.scopes.is_subset(&self.scopes.union(&second.scopes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(list: &str) -> Rule {
        Rule::scopes(list.parse::<Scopes>().unwrap())
    }

    #[test]
    fn a_rule_implies_what_it_is_stricter_than() {
        assert!(scopes("a b").implies(&scopes("a")));
        assert!(!scopes("a").implies(&scopes("a b")));
        let admins = scopes("a").with_any_role(["admin"]);
        let staff = scopes("a").with_any_role(["admin", "staff"]);
        assert!(admins.implies(&staff) && !staff.implies(&admins));
        assert!(admins.implies(&scopes("a")) && !scopes("a").implies(&admins));
        assert!(scopes("a").and_implies(&scopes("b"), &scopes("a b")));
        assert!(!scopes("a").and_implies(&scopes("b"), &scopes("a c")));
    }
}
