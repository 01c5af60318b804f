//! What handlers take: the [`Call`], or the caller where the route's rule asks for one.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use countersign_app::authenticate::Caller;
use countersign_domain::access::Denied;
use http::request::Parts;

use crate::Call;
use crate::problem::Problem;

impl<S: Sync> FromRequestParts<S> for Call {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// A call whose caller is known, because the route's rule asks for one.
pub(crate) struct Known {
    pub(crate) call: Call,
    pub(crate) caller: Arc<Caller>,
}

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Problem;

    /// On a route whose rule let anybody in, nobody is known: denied.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let call = parts.extensions.get::<Call>().cloned().unwrap_or_default();
        let caller = call.caller.clone().ok_or(Denied::Unauthenticated)?;
        Ok(Self { call, caller })
    }
}
