//! The question that a signature can't answer: is this token still to be honoured? It is asked each time,
//! after the signature and every claim, of whatever the API knows: a list of ended sessions, a table of
//! revoked tokens. No answer is a refusal.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::principal::Principal;

/// What is known of a token beyond its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing against it.
    Good,
    /// It was revoked, or its session has ended, or its user is gone.
    Revoked,
}

/// Whether a token was revoked can't be told now. The caller is answered 503.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("whether the token was revoked can't be told")]
pub struct StandingUnknown;

/// Knows which tokens are revoked. Asked for every token that verifies, one from the cache included.
///
/// A token is known by [`Principal::issuer`] and [`Principal::token_id`], a session by
/// [`Principal::session_id`]; mind that an issuer of another profile may name neither.
///
/// ```
/// use std::collections::HashSet;
/// use std::sync::{Arc, RwLock};
///
/// use countersign_verify::{Principal, Revocation, Standing, StandingUnknown};
///
/// /// The sessions that have ended, as a background task keeps them.
/// #[derive(Clone, Default)]
/// struct EndedSessions(Arc<RwLock<HashSet<String>>>);
///
/// impl Revocation for EndedSessions {
///     async fn standing(&self, caller: &Principal) -> Result<Standing, StandingUnknown> {
///         let ended = self.0.read().map_err(|_| StandingUnknown)?;
///         match caller.session_id() {
///             Some(session) if ended.contains(session) => Ok(Standing::Revoked),
///             _ => Ok(Standing::Good),
///         }
///     }
/// }
/// ```
pub trait Revocation: Send + Sync + 'static {
    /// The standing of the token that `caller` came with. Errors: [`StandingUnknown`].
    fn standing(
        &self,
        caller: &Principal,
    ) -> impl Future<Output = Result<Standing, StandingUnknown>> + Send;
}

/// Some [`Revocation`], whichever.
#[derive(Clone)]
pub(crate) struct AnyRevocation(Arc<dyn Asked>);

impl AnyRevocation {
    pub(crate) fn new(revocation: impl Revocation) -> Self {
        Self(Arc::new(revocation))
    }

    pub(crate) async fn standing(&self, caller: &Principal) -> Result<Standing, StandingUnknown> {
        self.0.ask(caller).await
    }
}

impl fmt::Debug for AnyRevocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revocation")
    }
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Standing, StandingUnknown>> + Send + 'a>>;

/// [`Revocation`] in a form that a `dyn` can have.
trait Asked: Send + Sync + 'static {
    fn ask<'a>(&'a self, caller: &'a Principal) -> Answer<'a>;
}

impl<R: Revocation> Asked for R {
    fn ask<'a>(&'a self, caller: &'a Principal) -> Answer<'a> {
        Box::pin(self.standing(caller))
    }
}
