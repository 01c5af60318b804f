//! Who calls, and from where: found out once a request, before any route or field.

use std::sync::Arc;

use countersign_app::Origin;
use countersign_app::authenticate::Caller;
use countersign_domain::access::{Denied, Principal, Rule};

/// Who calls, and from where. A request with a token that is not good never gets this far.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// From where.
    pub origin: Origin,
    /// Who, if they showed a token.
    pub caller: Option<Arc<Caller>>,
}

impl Call {
    /// Whether the caller may do what `rule` guards.
    pub fn check(&self, rule: Rule) -> Result<(), Denied> {
        rule.check(self.principal())
    }

    /// The caller's principal, if there is one.
    pub fn principal(&self) -> Option<&Principal> {
        self.caller.as_ref().map(|caller| &caller.principal)
    }

    /// The caller, for what is guarded by a rule other than `Public`.
    pub fn require(&self, rule: Rule) -> Result<&Caller, Denied> {
        self.check(rule)?;
        self.caller.as_deref().ok_or(Denied::Unauthenticated)
    }
}
