//! The principal on its way from the request to a resolver.

use async_graphql::{Context, Request};

use super::denied::Denied;
use crate::principal::Principal;

/// Gives a request to the engine together with its caller.
pub trait RequestPrincipal: Sized {
    /// The request as made by this caller, or by nobody in particular.
    #[must_use]
    fn with_principal(self, caller: Option<Principal>) -> Self;
}

impl RequestPrincipal for Request {
    fn with_principal(self, caller: Option<Principal>) -> Self {
        match caller {
            Some(caller) => self.data(caller),
            None => self,
        }
    }
}

/// Reads the caller in a resolver or a guard.
pub trait ContextPrincipal {
    /// The caller. Errors: [`Denied::Unauthenticated`] if there is none.
    fn principal(&self) -> Result<&Principal, Denied>;

    /// The caller, if there is one.
    fn principal_opt(&self) -> Option<&Principal>;
}

impl ContextPrincipal for Context<'_> {
    fn principal(&self) -> Result<&Principal, Denied> {
        self.principal_opt().ok_or(Denied::Unauthenticated)
    }

    fn principal_opt(&self) -> Option<&Principal> {
        self.data_opt()
    }
}
