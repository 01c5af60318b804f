//! Who is at the other end of a connection, and until when. It reads the verifier's clock, so that a timer
//! that is late lets nothing through.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::close::Close;
use super::credentials;
use crate::principal::Principal;
use crate::verifier::Verifier;

/// Longest time between two looks at the clock.
const LOOK_AGAIN: Duration = Duration::from_hours(1);

/// What came of a `ping`.
pub(super) enum Renewal {
    /// It brought no token.
    NoToken,
    /// It did, or would have if it could be verified; this goes into the `pong`.
    Answered(Value),
}

/// A connection after `connection_init`.
pub(super) struct Session {
    verifier: Verifier,
    caller: Option<Principal>,
}

impl Session {
    pub(super) async fn open(
        verifier: &Verifier,
        required: bool,
        payload: Option<&Map<String, Value>>,
    ) -> Result<Self, Close> {
        let session = |caller| Self {
            verifier: verifier.clone(),
            caller,
        };
        match credentials::token(payload)? {
            None if required => Err(Close::Unauthorized(None)),
            None => Ok(session(None)),
            Some(token) => {
                let session = session(Some(verifier.verify(&token).await?));
                session.check().map(|()| session)
            }
        }
    }

    pub(super) async fn renew(
        &mut self,
        payload: Option<&Map<String, Value>>,
    ) -> Result<Renewal, Close> {
        let Some(token) = credentials::token(payload)? else {
            return Ok(Renewal::NoToken);
        };
        let caller = match self.verifier.verify(&token).await {
            Ok(caller) => caller,
            Err(refusal) if refusal.is_temporary() => {
                let answer = json!({ "code": refusal.code() });
                return Ok(Renewal::Answered(answer));
            }
            Err(refusal) => return Err(refusal.into()),
        };
        if self
            .caller
            .as_ref()
            .is_some_and(|old| !replaces(&caller, old))
        {
            return Err(Close::TokenDiffers);
        }
        self.caller = Some(caller);
        self.check()?;
        Ok(Renewal::Answered(self.expires_at().unwrap_or_default()))
    }

    pub(super) fn caller(&self) -> Option<Principal> {
        self.caller.clone()
    }

    /// `{"expiresAt": …}`, if it ever does.
    pub(super) fn expires_at(&self) -> Option<Value> {
        let caller = self.caller.as_ref()?;
        Some(json!({ "expiresAt": caller.expires_at() }))
    }

    /// Insists on a token that has not ended.
    pub(super) fn check(&self) -> Result<(), Close> {
        match &self.caller {
            Some(caller) if caller.expires_at() <= self.verifier.now() => Err(Close::TokenExpired),
            _ => Ok(()),
        }
    }

    /// Waits until it is time to [`Session::check`].
    pub(super) async fn until_check(&self) {
        let Some(caller) = &self.caller else {
            return std::future::pending().await;
        };
        let left = caller.expires_at().saturating_sub(self.verifier.now());
        let left = Duration::from_secs(u64::try_from(left).unwrap_or(0));
        tokio::time::sleep(left.min(LOOK_AGAIN)).await;
    }
}

/// Whether `new` may go on with what `old` began: the same caller, with no less than before.
fn replaces(new: &Principal, old: &Principal) -> bool {
    new.claims().iss == old.claims().iss
        && new.subject() == old.subject()
        && new.client_id() == old.client_id()
        && old.scopes().is_subset(new.scopes())
        && old.roles().iter().all(|role| new.has_role(role))
}
