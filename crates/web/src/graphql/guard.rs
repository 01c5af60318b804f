//! The one guard: each field hands it what the table declares, and it asks the domain.
//!
//! It runs at the field itself, however that was reached: through an interface, a union, a fragment
//! or `node` (GHSA-mx7m-j9xf-62hw).

use async_graphql::{Context, Guard};
use countersign_app::authenticate::Caller;
use countersign_domain::access::{Principal, Rule};
use countersign_domain::id::UserId;

use super::errors::{Fault, Result};
use super::rules::Declared;
use crate::call::Call;

impl Guard for Declared {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        let principal = call(ctx)?.principal();
        match self {
            Self::Always(rule) => rule.check(principal).map_err(Fault::from)?,
            // Without an owner to compare with, both must hold: errors in a check deny.
            Self::Of { own, other } => {
                own.check(principal).map_err(Fault::from)?;
                other.check(principal).map_err(Fault::from)?;
            }
            Self::ByArguments => {}
        }
        Ok(())
    }
}

/// A declaration, asked for something that is somebody's.
pub(super) struct Owned<'a> {
    declared: Declared,
    owner: UserId,
    seen_by: Option<&'a Principal>,
}

impl Declared {
    /// The declaration for something that `owner` owns. `seen_by` is who looks, if that is not the
    /// request's caller: somebody who has just logged in has no token in the request yet.
    pub(super) fn of(self, owner: UserId, seen_by: Option<&Principal>) -> Owned<'_> {
        Owned {
            declared: self,
            owner,
            seen_by,
        }
    }
}

impl Owned<'_> {
    /// The rule for this owner and whoever looks.
    fn rule(&self, looking: Option<&Principal>) -> Rule {
        match self.declared {
            Declared::Always(rule) => rule,
            Declared::Of { own, other } => {
                if looking.is_some_and(|looking| looking.user_id == self.owner) {
                    own
                } else {
                    other
                }
            }
            Declared::ByArguments => Rule::Public,
        }
    }

    /// Whether whoever looks may.
    pub(super) fn allow(&self, call: &Call) -> Result<()> {
        let looking = self.seen_by.or_else(|| call.principal());
        Ok(self.rule(looking).check(looking)?)
    }
}

impl Guard for Owned<'_> {
    async fn check(&self, ctx: &Context<'_>) -> async_graphql::Result<()> {
        Ok(self.allow(call(ctx)?)?)
    }
}

/// Who calls, and from where.
pub(super) fn call<'a>(ctx: &Context<'a>) -> Result<&'a Call> {
    ctx.data_opt::<Call>().ok_or_else(|| {
        tracing::error!("a GraphQL request came without its caller");
        Fault::internal()
    })
}

/// The caller of a field whose declaration lets nobody in without a token.
pub(super) fn caller<'a>(ctx: &Context<'a>) -> Result<&'a Caller> {
    let caller = call(ctx)?.caller.as_deref();
    caller.ok_or_else(|| countersign_domain::access::Denied::Unauthenticated.into())
}
